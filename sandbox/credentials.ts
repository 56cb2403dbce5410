import type { Knobs, Town } from "./world.ts";

/** Made up, fixed and worthless outside the sandbox: the accounts that the stand-ins know. A town may bring its own numbers. */
export const credentials = {
  twilio: {
    accountSid: "AC5a4d50520000000000000000000000aa",
    authToken: "sandbox-twilio-auth-token",
    messagingServiceSid: "MG5a4d50520000000000000000000000aa",
    smsNumber: "+27875500100",
    whatsappNumber: "+27875500200",
  },
  meta: {
    token: "sandbox-whatsapp-token",
    phoneNumberId: "106540352242922",
    businessId: "102290129340398",
    appSecret: "sandbox-whatsapp-app-secret",
    verifyToken: "sandbox-whatsapp-verify-token",
    displayNumber: "+27875500200",
  },
  slack: {
    botToken: "xoxb-sandbox-bot-token",
    appToken: "xapp-sandbox-app-token",
    signingSecret: "sandbox-slack-signing-secret",
    teamId: "T0SANDBOX",
    teamName: "Sandbox municipality",
    appId: "A0SAYPRO",
    botId: "B0SAYPRO",
    botUserId: "U0SAYPRO",
    botName: "SayPro",
  },
} as const;

/** The product's environment for a sandbox at `url` (`http://127.0.0.1:port`). */
export function environment(url: string, town: Town, knobs: Knobs): Readonly<Record<string, string>> {
  const { twilio, meta, slack } = credentials;
  return {
    TWILIO_ACCOUNT_SID: twilio.accountSid,
    TWILIO_AUTH_TOKEN: twilio.authToken,
    TWILIO_API_URL: url,
    TWILIO_SMS_FROM: town.lines.sms,
    ...(knobs.whatsapp === "twilio"
      ? { TWILIO_WHATSAPP_FROM: town.lines.whatsapp }
      : {
          WHATSAPP_CLOUD_TOKEN: meta.token,
          WHATSAPP_CLOUD_PHONE_NUMBER_ID: meta.phoneNumberId,
          WHATSAPP_CLOUD_APP_SECRET: meta.appSecret,
          WHATSAPP_CLOUD_VERIFY_TOKEN: meta.verifyToken,
          WHATSAPP_CLOUD_API_URL: url,
        }),
    SLACK_BOT_TOKEN: slack.botToken,
    SLACK_SIGNING_SECRET: slack.signingSecret,
    SLACK_API_URL: `${url}/api/`,
  };
}
