export interface MetaError {
  readonly status: number;
  readonly code: number;
  readonly message: string;
  readonly details?: string;
}

/** Graph's error body. */
export function errorBody(error: MetaError): object {
  return {
    error: {
      message: error.message,
      type: "OAuthException",
      code: error.code,
      ...(error.details ? { error_data: { messaging_product: "whatsapp", details: error.details } } : {}),
      fbtrace_id: "SandboxTrace",
    },
  };
}

export const errors = {
  token: { status: 401, code: 190, message: "Invalid OAuth access token - Cannot parse access token" },
  internal: {
    status: 500,
    code: 131000,
    message: "(#131000) Something went wrong",
    details: "Something went wrong",
  },
  throttled: {
    status: 429,
    code: 130429,
    message: "(#130429) Rate limit hit",
    details:
      "Message failed to send because there were too many messages sent from this phone number in a short period of time",
  },
  unknownObject: (id: string): MetaError => ({
    status: 400,
    code: 100,
    message: `Unsupported request. Object with ID '${id}' does not exist, cannot be loaded due to missing permissions, or does not support this operation.`,
  }),
  parameter: (details: string): MetaError => ({
    status: 400,
    code: 100,
    message: "(#100) Invalid parameter",
    details,
  }),
  noTemplate: (name: string, language: string): MetaError => ({
    status: 404,
    code: 132001,
    message: "(#132001) Template name does not exist in the translation",
    details: `template name (${name}) does not exist in ${language}`,
  }),
  templateParameters: (given: number, wanted: number): MetaError => ({
    status: 400,
    code: 132000,
    message: "(#132000) Number of parameters does not match the expected number of params",
    details: `body: number of localizable_params (${given}) does not match the expected number of params (${wanted})`,
  }),
} as const;
