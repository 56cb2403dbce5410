import { createHash, randomBytes } from "node:crypto";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { findConsoleSession, redeemConsoleLink, type StaffMember } from "#storage";
import type { App } from "../app.ts";

const COOKIE = "saypro_session";

/** Who is asking: a staff member with a session; in the sandbox everybody may look. */
export type Visitor = { readonly kind: "staff"; readonly staff: StaffMember } | { readonly kind: "sandbox" };

/** Finds the visitor by the session cookie. Undefined: sign in first. */
export async function visitorOf(app: App, request: FastifyRequest): Promise<Visitor | undefined> {
  const token = cookie(request, COOKIE);
  const staff = token ? await findConsoleSession(app.database.db, token) : undefined;
  if (staff) return { kind: "staff", staff };
  return app.config.sandbox ? { kind: "sandbox" } : undefined;
}

/**
 * Signing in: `/saypro console` in Slack gives a one-time link. Opening it shows a button, and only the button's POST
 * redeems the link: previews that open links use nothing up.
 */
export function mountConsoleLogin(server: FastifyInstance, app: App): void {
  void server.register(async (scope) => {
    scope.addContentTypeParser(
      "application/x-www-form-urlencoded",
      { parseAs: "string", bodyLimit: 1024 },
      (_r, body, done) => done(null, Object.fromEntries(new URLSearchParams(String(body)))),
    );
    scope.get<{ Querystring: { token?: string } }>("/console/login", async (request, reply) => {
      const token = request.query.token ?? "";
      return page(
        reply,
        /^[A-Za-z0-9_-]{20,}$/.test(token)
          ? `<form method="post" action="/console/redeem"><input type="hidden" name="token" value="${token}"><button autofocus>Open the console</button></form>`
          : "<p>This link is not complete. Ask for a new one in Slack: <code>/saypro console</code></p>",
      );
    });
    scope.post<{ Body: { token?: string } }>("/console/redeem", async (request, reply) => {
      const session = randomBytes(32).toString("base64url");
      const staff = await redeemConsoleLink(app.database.db, request.body.token ?? "", session);
      if (!staff)
        return page(
          reply.code(403),
          "<p>This link was used already or is older than 15 minutes. Ask for a new one in Slack: <code>/saypro console</code></p>",
        );
      const secure = app.config.publicUrl.startsWith("https:") ? "; Secure" : "";
      return reply
        .header("set-cookie", `${COOKIE}=${session}; Path=/; HttpOnly; SameSite=Lax; Max-Age=43200${secure}`)
        .redirect("/", 303);
    });
  });
}

function page(reply: FastifyReply, body: string): FastifyReply {
  const style =
    "body{font:1.1rem system-ui;max-width:32rem;margin:20vh auto;padding:0 1rem}button{font:inherit;padding:.6rem 1.2rem}";
  const hash = createHash("sha256").update(style).digest("base64");
  return reply
    .type("text/html; charset=utf-8")
    .header("content-security-policy", `default-src 'none'; style-src 'sha256-${hash}'; form-action 'self'`)
    .header("referrer-policy", "no-referrer")
    .send(
      `<!doctype html><html lang="en"><meta charset="utf-8"><title>SayPro Engage</title><style>${style}</style><h1>SayPro Engage</h1>${body}</html>`,
    );
}

function cookie(request: FastifyRequest, name: string): string | undefined {
  for (const part of (request.headers.cookie ?? "").split(";")) {
    const [key, value] = part.trim().split("=", 2);
    if (key === name) return value;
  }
  return undefined;
}
