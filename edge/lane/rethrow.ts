/** A broken assumption inside a callback ends the process, as anywhere else in the lane. */
export function rethrow(error: unknown): never {
  throw error
}
