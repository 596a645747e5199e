import { useState } from 'preact/hooks'
import type { Failure } from '../send.js'
import { useWords } from '../words.js'
import { Became } from './fields.js'
import { May } from './may.js'

interface ReasonStepProps {
  /** The right that it takes, as in `SessionState.rights`. */
  readonly right: string
  /** Read out for the field: of what the reason is. */
  readonly about: string
  readonly placeholder?: string
  /** On the button. */
  readonly act: string
  readonly disabled: boolean
  /** Null: done, else why not; a key of the catalogue where nothing of what was sent can be named. */
  readonly send: (reason: string) => Promise<Failure | string | null>
  readonly again: () => void
}

/** A step that takes a reason: nothing is sent without one, and what became of it is said beside it. */
export function ReasonStep({ right, about, placeholder, act, disabled, send, again }: ReasonStepProps) {
  const { t } = useWords()
  const [reason, setReason] = useState('')
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<Failure | string | null>(null)
  const press = () => {
    setBusy(true)
    void send(reason).then((problem) => {
      setBusy(false)
      setError(problem)
      again()
    })
  }
  return (
    <>
      <May right={right}>
        <div class="steps">
          <input
            type="text"
            maxLength={500}
            placeholder={placeholder ?? t('console.reason')}
            aria-label={about}
            value={reason}
            onInput={(event) => setReason(event.currentTarget.value)}
          />
          <button type="button" disabled={disabled || busy || reason.trim() === ''} onClick={press}>
            {act}
          </button>
        </div>
      </May>
      <Became error={error} done={null} />
    </>
  )
}
