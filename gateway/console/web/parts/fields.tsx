import { useWords } from '../words.js'

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

/** What became of it: a key of the catalogue (`api.*`) that says why not, or words that say that it is done. */
export function Became({ error, done }: { readonly error: string | null; readonly done: string | null }) {
  const { t, of } = useWords()
  if (error !== null)
    return (
      <p class="problem" role="alert">
        {t('console.notSent', { why: of('api', error.replace(/^api\./, '')) })}
      </p>
    )
  return done === null ? null : <p role="status">{done}</p>
}
