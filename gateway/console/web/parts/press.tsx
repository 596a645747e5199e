import { useState } from 'preact/hooks'
import type { Failure } from '../send.js'
import { Became } from './fields.js'

interface PressProps {
  /** On the button. */
  readonly act: string
  readonly disabled: boolean
  /** Null: done, else why not; a key of the catalogue where nothing of what was sent can be named. */
  readonly send: () => Promise<Failure | string | null>
  readonly again: () => void
}

/** A button that sends once until the answer is there, and says beside it what became of it. */
export function Press({ act, disabled, send, again }: PressProps) {
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<Failure | string | null>(null)
  const press = () => {
    setBusy(true)
    void send().then((problem) => {
      setBusy(false)
      setError(problem)
      again()
    })
  }
  return (
    <div class="steps">
      <button type="button" disabled={disabled || busy} onClick={press}>
        {act}
      </button>
      <Became error={error} done={null} />
    </div>
  )
}
