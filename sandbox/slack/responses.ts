import type { Surroundings } from "../surroundings.ts";
import type { Post } from "../world.ts";
import { blockFaults } from "./block-rules.ts";
import type { Posts } from "./posts.ts";
import type { ResponseTicket } from "./tickets.ts";
import { withIds } from "./views.ts";

interface ResponseBody {
  readonly text?: string;
  readonly blocks?: Post["blocks"];
  readonly response_type?: "ephemeral" | "in_channel";
  readonly replace_original?: boolean | string;
  readonly delete_original?: boolean | string;
  readonly thread_ts?: string;
}

const yes = (flag: boolean | string | undefined) => flag === true || flag === "true";

/**
 * Does what an answer to a slash command, or a message to a response address, asks for. Plain text and JSON are
 * both understood. Returns words when it is refused.
 */
export function answerTo(
  posts: Posts,
  around: Surroundings,
  ticket: ResponseTicket,
  body: string,
): string | undefined {
  if (!body.trim()) return undefined;
  const answer = parse(body);
  const original = posts.find(ticket.channel, ticket.ts);
  const faults = answer.blocks ? blockFaults(answer.blocks, "message") : [];
  if (faults.length > 0) {
    around.problem("slack", `The blocks of an answer were refused: ${faults.join("; ")}`);
    return `invalid_blocks: ${faults.join("; ")}`;
  }
  if (original && yes(answer.delete_original)) {
    around.state.change({ kind: "post", post: { ...original, deleted: true } });
    return undefined;
  }
  if (original && yes(answer.replace_original)) {
    const { blocks: _, ...rest } = original;
    const blocks = answer.blocks ? { blocks: withIds(answer.blocks) } : {};
    around.state.change({ kind: "post", post: { ...rest, text: answer.text ?? "", ...blocks } });
    return undefined;
  }
  // In Socket Mode an acknowledgement without words is an empty object.
  if (answer.text === undefined && answer.blocks === undefined) return undefined;
  const added = posts.add(
    {
      channel: ticket.channel,
      ...(answer.text ? { text: answer.text } : {}),
      ...(answer.blocks ? { blocks: answer.blocks } : {}),
      ...(answer.thread_ts ? { thread_ts: answer.thread_ts } : {}),
    },
    answer.response_type === "in_channel" ? {} : { ephemeralTo: ticket.user },
  );
  return "error" in added ? added.error : undefined;
}

function parse(body: string): ResponseBody {
  try {
    const value = JSON.parse(body) as unknown;
    return typeof value === "object" && value !== null ? (value as ResponseBody) : { text: String(value) };
  } catch {
    return { text: body };
  }
}
