/** A value in a sentence: as it is, or to be put into the reader's language. */
export type Said =
  | string
  | number
  /** Key of the text catalogue; shown without its kind where the catalogue does not have it. */
  | { readonly word: string }
  | { readonly list: readonly Said[] }
  | { readonly ms: number }
  /** UTC ms. */
  | { readonly at: number }
  /** The condition of a rule, by its id. */
  | { readonly condition: string }
  | { readonly evidence: Readonly<Record<string, string>> }
  | Line

/** Which list, in which version, and how long before the decision the gateway last confirmed it. */
export interface FactSource {
  readonly list: string
  /** Null: the record names no version of it. */
  readonly version: number | null
  /** Null: never confirmed. */
  readonly ageMs: number | null
}

/** One sentence: a key of the text catalogue and what is filled in. */
export interface Line {
  readonly key: string
  readonly values?: Readonly<Record<string, Said>>
  readonly from?: FactSource
}

export const sectionNames = ['outcome', 'rules', 'weaker', 'missing', 'observed', 'facts', 'near'] as const
export type SectionName = (typeof sectionNames)[number]

export interface Section {
  readonly about: SectionName
  readonly lines: readonly Line[]
  /** Lines beyond the bound, counted. */
  readonly leftOut: number
}

/** Why one decision came out as it did: ordered, bounded, without words of any language. */
export interface Explanation {
  readonly passageId: string
  readonly lane: string
  readonly outcome: string
  readonly primary: string
  readonly rulesetVersion: string
  /** In the order of {@link sectionNames}; all of them, empty ones too. */
  readonly sections: readonly Section[]
}

/** At most so many lines in a section; the rest is counted. */
export const linesMax = 24

export function sectionOf(about: SectionName, lines: readonly Line[]): Section {
  return { about, lines: lines.slice(0, linesMax), leftOut: Math.max(0, lines.length - linesMax) }
}

export function line(key: string, values: Readonly<Record<string, Said>> = {}): Line {
  return { key, values }
}

/** A value of a list or observation, in the reader's words. */
export function word(kind: string, value: string | number | boolean): Said {
  return { word: `${kind}.${value}` }
}

/** The state of something, as `said.<kind>.<value>` has it. */
export function state(kind: string, value: string | number | boolean): Said {
  return word(`said.${kind}`, value)
}

/** Confidences and shares, to two places. */
export function share(value: number): number {
  return Math.round(value * 1_000) / 1_000
}
