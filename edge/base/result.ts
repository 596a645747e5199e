/** One thing wrong with an input: where it is, what is wrong, and what to do about it. */
export interface Problem {
  /** Dotted path into the input, e.g. `lanes.0.barrier.endpoint`; empty for the whole. */
  readonly path: string
  readonly message: string
  /** What a person can do about it, as a whole sentence. */
  readonly remedy?: string
}

/** The answer of every `parse` and `decode`: a typed value, or all problems at once. */
export type Result<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problems: readonly Problem[] }

export function ok<T>(value: T): Result<T> {
  return { ok: true, value }
}

export function bad(path: string, message: string, remedy?: string): Result<never> {
  return { ok: false, problems: [remedy === undefined ? { path, message } : { path, message, remedy }] }
}

/** One line per problem, for terminals and logs. */
export function describeProblems(problems: readonly Problem[]): string {
  return problems
    .map((p) => `${p.path === '' ? '(whole)' : p.path}: ${p.message}${p.remedy ? ` ${p.remedy}` : ''}`)
    .join('\n')
}
