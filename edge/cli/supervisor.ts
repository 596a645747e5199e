/**
 * What a part says to the process that started it, if that one listens (`fork`): the demo and the
 * torture test supervise real processes this way. Nothing here can move a barrier.
 */
export type FromPart =
  | { readonly is: 'ready'; readonly part: string; readonly [detail: string]: unknown }
  | { readonly is: 'operatorLink'; readonly link: string }
  | { readonly is: 'observed'; readonly observed: unknown }
  | { readonly is: 'done'; readonly id: number; readonly result?: unknown; readonly error?: string }

export function tellSupervisor(message: FromPart): void {
  process.send?.(message)
}

/** Calls `answer` for each message of the supervisor; without one, never. */
export function onSupervisor(answer: (message: unknown) => void): void {
  if (process.send) process.on('message', answer)
}
