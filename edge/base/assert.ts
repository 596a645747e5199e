/**
 * Ends the process on a broken assumption of the programmer.
 *
 * A lane whose own logic is wrong must stop, not go on wrongly: the supervisor restarts the
 * process and the PLC keeps the lane safe meanwhile. Never used for conditions of the world
 * (those are faults) or for one bad item (that is a `Result`).
 */
export function assert(condition: unknown, sentence: string): asserts condition {
  if (!condition) throw new AssertionError(sentence)
}

/** Thrown by {@link assert} and {@link unreachable}; nobody but the top of a process catches it. */
export class AssertionError extends Error {
  override readonly name = 'AssertionError'
}

/** Makes a `switch` over a union total at compile time, and loud if bad data gets past the types. */
export function unreachable(value: never): never {
  throw new AssertionError(`unreachable value: ${JSON.stringify(value)}`)
}
