import { stepFields, type FieldLabels } from '../field-labels.js'
import type { Failure } from '../send.js'
import { useWords } from '../words.js'
import { Problems } from './problems.js'

interface FieldProps {
  readonly label: string
  readonly value: string
  readonly set: (value: string) => void
  readonly max?: number
}

/** A line of text under its label. */
export function Field({ label, value, set, max = 500 }: FieldProps) {
  return (
    <label>
      {label}
      <input
        type="text"
        maxLength={max}
        spellcheck={false}
        value={value}
        onInput={(event) => set(event.currentTarget.value)}
      />
    </label>
  )
}

/** Date and time of this desk. */
export function TimeField({ label, value, set }: FieldProps) {
  return (
    <label>
      {label}
      <input type="datetime-local" value={value} onInput={(event) => set(event.currentTarget.value)} />
    </label>
  )
}

interface ChoiceProps {
  readonly label: string
  readonly value: string
  readonly set: (value: string) => void
  /** Value and text. */
  readonly options: readonly (readonly [string, string])[]
}

export function Choice({ label, value, set, options }: ChoiceProps) {
  return (
    <label>
      {label}
      <select value={value} onChange={(event) => set(event.currentTarget.value)}>
        {options.map(([one, text]) => (
          <option key={one} value={one}>
            {text}
          </option>
        ))}
      </select>
    </label>
  )
}

interface BecameProps {
  /** Why not, with what was wrong; or a key of the catalogue alone (`api.*`). */
  readonly error: Failure | string | null
  /** Words that say that it is done. */
  readonly done: string | null
  /** Of the form whose fields are named. */
  readonly labels?: FieldLabels
}

/** What became of it. */
export function Became({ error, done, labels = stepFields }: BecameProps) {
  const { t, of } = useWords()
  if (error !== null) {
    const failure = typeof error === 'string' ? { error, problems: [] } : error
    return (
      <>
        <p class="problem" role="alert">
          {t('console.notSent', { why: of('api', failure.error.replace(/^api\./, '')) })}
        </p>
        <Problems problems={failure.problems} labels={labels} />
      </>
    )
  }
  return done === null ? null : <p role="status">{done}</p>
}
