const { TWILIO_ACCOUNT_SID = "", TWILIO_AUTH_TOKEN = "", TWILIO_SMS_FROM = "" } = process.env;
const authorization = `Basic ${Buffer.from(`${TWILIO_ACCOUNT_SID}:${TWILIO_AUTH_TOKEN}`).toString("base64")}`;

/** One SMS for Twilio's Messages API, as undici takes it. */
export const requestOf = (address: string, text: string) => ({
  method: "POST" as const,
  path: `/2010-04-01/Accounts/${TWILIO_ACCOUNT_SID}/Messages.json`,
  headers: { "content-type": "application/x-www-form-urlencoded", authorization },
  body: new URLSearchParams({ To: address.slice(4), From: TWILIO_SMS_FROM, Body: text }).toString(),
});
