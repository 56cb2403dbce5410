import net from "node:net";

const LOOPBACK = new Set(["127.0.0.1", "::1", "localhost"]);

export interface Guard {
  /** Hosts that somebody tried to reach. */
  readonly refused: readonly string[];
  lift(): void;
}

/** Refuses every socket but to this machine, in this process, below all HTTP clients. */
export function loopbackOnly(): Guard {
  const refused: string[] = [];
  const { connect } = net.Socket.prototype;
  net.Socket.prototype.connect = function (this: net.Socket, ...given: unknown[]) {
    // Node hands over its normalised arguments as one array.
    const [first, second] = Array.isArray(given[0]) ? (given[0] as unknown[]) : given;
    const options =
      typeof first === "object" && first !== null ? (first as { host?: string; path?: string }) : {};
    const host =
      options.host ?? (typeof first === "number" && typeof second === "string" ? second : "localhost");
    if (options.path === undefined && !LOOPBACK.has(host)) {
      refused.push(host);
      throw new Error(`a test tried to reach ${host}`);
    }
    return (connect as (...args: unknown[]) => net.Socket).apply(this, given);
  } as typeof connect;
  return {
    refused,
    lift: () => {
      net.Socket.prototype.connect = connect;
    },
  };
}
