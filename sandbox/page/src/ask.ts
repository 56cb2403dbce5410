/** Asks the sandbox to do something. Refusals become errors with its words. */
export async function ask<T>(
  method: "GET" | "POST" | "PUT" | "DELETE",
  path: string,
  body?: object,
): Promise<T> {
  const response = await fetch(`/sandbox/api${path}`, {
    method,
    ...(body ? { headers: { "content-type": "application/json" }, body: JSON.stringify(body) } : {}),
  });
  const answer = (await response.json()) as T & { error?: string };
  if (!response.ok) throw new Error(answer?.error ?? `The sandbox answered ${response.status}.`);
  return answer;
}

export function words(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
