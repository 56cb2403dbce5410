/** A citizen's or a carrier's words inside Slack's mrkdwn: without this, `<!channel>` would call everybody. */
export function escapeMrkdwn(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
