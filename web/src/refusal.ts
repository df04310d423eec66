/** An answer that is not what was asked for; `code` is for programs, the message for people. */
export class Refusal extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly status = 0,
    readonly fields: Record<string, string> = {},
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** The network is away, or the answer is none of ours. */
export function unreachable(error: unknown): Refusal {
  return error instanceof Refusal ? error : new Refusal("Unreachable", String(error));
}
