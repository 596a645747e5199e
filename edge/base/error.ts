/**
 * The one class of thrown errors. The code stands in the message as well, so that it survives
 * a log that keeps only text. Callers compare `code`, never the message.
 */
export class LanekeeperError extends Error {
  override readonly name = 'LanekeeperError'
  readonly code: string
  readonly context: Readonly<Record<string, unknown>>

  constructor(
    code: string,
    message: string,
    options: { context?: Record<string, unknown>; cause?: unknown } = {},
  ) {
    super(`${message} [${code}]`, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.context = options.context ?? {}
  }
}

export function hasCode(error: unknown, code: string): boolean {
  return error instanceof LanekeeperError && error.code === code
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
