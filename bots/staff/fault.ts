/**
 * What may be logged of an error: a failed query's message holds its parameters, and so what people wrote. The driver's
 * own error (the cause) does not.
 */
export function faultOf(error: unknown): {
  readonly fault: string;
  readonly code?: string;
  readonly at?: string;
} {
  if (!(error instanceof Error)) return { fault: typeof error };
  const cause = error.cause instanceof Error ? error.cause : error;
  const { code } = cause as { code?: unknown };
  const at = error.stack
    ?.split("\n")
    .filter((line) => line.startsWith("    at "))
    .slice(0, 6)
    .join("\n");
  return {
    fault: `${cause.name}: ${cause.message}`,
    ...(typeof code === "string" ? { code } : {}),
    ...(at ? { at } : {}),
  };
}
