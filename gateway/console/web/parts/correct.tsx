import { useEffect, useRef, useState } from 'preact/hooks'
import type { PassageState } from '../../../api/schemas.js'
import type { Correctable, Supplement } from '../../../api/supplement-schemas.js'
import { fetchSupplements } from '../api.js'
import { postCorrection, wordsOf } from '../backoffice.js'
import { useWords } from '../words.js'
import { Became, Choice, Field } from './fields.js'
import { Denied, May } from './may.js'

const correcting = 'POST /api/passages/:passageId/corrections'

interface CorrectProps {
  readonly passage: PassageState
  readonly onClose: () => void
}

/** Adds a correction to a passage that is over. It begins with what is in force after earlier ones. */
export function Correct({ passage, onClose }: CorrectProps) {
  const { t } = useWords()
  const { passageId } = passage
  const [before, setBefore] = useState<readonly Supplement[] | 'failed' | null>(null)
  const [asked, ask] = useState(0)
  const [isDone, setIsDone] = useState(false)
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    let stopped = false
    setBefore(null)
    void fetchSupplements(passageId).then((found) => {
      if (!stopped) setBefore(found ?? 'failed')
    })
    return () => {
      stopped = true
    }
  }, [passageId, asked])
  useEffect(() => {
    setIsDone(false)
    heading.current?.focus()
  }, [passageId])
  return (
    <section class="why-panel backoffice" aria-labelledby="correct-title">
      <div class="section-head">
        <h3 id="correct-title" tabIndex={-1} ref={heading}>
          {t('correct.title', { passage: passageId })}
        </h3>
        <button type="button" onClick={onClose}>
          {t('console.whyClose')}
        </button>
      </div>
      {before === 'failed' && <p class="problem">{t('correct.failed')}</p>}
      {before !== null && before !== 'failed' && (
        <May right={correcting}>
          <Form
            // What was typed belongs to one state of the passage.
            key={`${passageId} ${before.length}`}
            passage={passage}
            before={before}
            again={(done) => {
              setIsDone(done)
              ask((n) => n + 1)
            }}
          />
          <Denied right={correcting} />
        </May>
      )}
      <Became error={null} done={isDone ? t('correct.done') : null} />
    </section>
  )
}

interface FormProps {
  readonly passage: PassageState
  readonly before: readonly Supplement[]
  readonly again: (done: boolean) => void
}

function Form({ passage, before, again }: FormProps) {
  const { t, of } = useWords()
  const now = inForce(passage, before)
  const [direction, setDirection] = useState<string>(now.direction)
  const [plates, setPlates] = useState(now.plates.join(' '))
  const [epcs, setEpcs] = useState(now.epcs.join(' '))
  const [vehicle, setVehicle] = useState(now.vehicleId ?? '')
  const [note, setNote] = useState('')
  const [reason, setReason] = useState('')
  const [error, setError] = useState<string | null>(null)
  // Only what was changed is said: the rest stays what it was.
  const is: Correctable = {
    ...(direction !== now.direction && { direction: direction === 'out' ? 'out' : 'in' }),
    ...(plates !== now.plates.join(' ') && { plates: wordsOf(plates, 8) }),
    ...(epcs !== now.epcs.join(' ') && { epcs: wordsOf(epcs, 16) }),
    ...(vehicle !== (now.vehicleId ?? '') && { vehicleId: vehicle.trim() === '' ? null : vehicle.trim() }),
    ...(note.trim() !== '' && { note: note.trim() }),
  }
  const isReady = Object.keys(is).length > 0 && reason.trim() !== ''
  const send = () => {
    const request = { seen: before.length, is, reason: reason.trim() }
    void postCorrection(passage.passageId, request).then((problem) => {
      setError(problem)
      if (problem === null) again(true)
    })
  }
  return (
    <form
      class="steps"
      onSubmit={(event) => {
        event.preventDefault()
        send()
      }}
    >
      <p class="dim">{t('correct.note')}</p>
      <Choice
        label={t('correct.direction')}
        value={direction}
        set={setDirection}
        options={(['in', 'out'] as const).map((one) => [one, of('direction', one)])}
      />
      <Field label={t('correct.plates')} value={plates} set={setPlates} max={150} />
      <Field label={t('correct.epcs')} value={epcs} set={setEpcs} max={2_100} />
      <Field label={t('correct.vehicle')} value={vehicle} set={setVehicle} max={64} />
      <Field label={t('correct.remark')} value={note} set={setNote} />
      <Field label={t('console.reason')} value={reason} set={setReason} />
      <button type="submit" disabled={!isReady}>
        {t('correct.send')}
      </button>
      <Became error={error} done={null} />
    </form>
  )
}

/** What is in force of a passage after its corrections, in their order. */
function inForce(
  { direction, plates, epcs, vehicleId }: PassageState,
  before: readonly Supplement[],
): Pick<PassageState, 'direction' | 'plates' | 'epcs' | 'vehicleId'> {
  return before.reduce(
    (now, { is }) => ({
      direction: is.direction ?? now.direction,
      plates: is.plates ?? now.plates,
      epcs: is.epcs ?? now.epcs,
      vehicleId: is.vehicleId === undefined ? now.vehicleId : is.vehicleId,
    }),
    { direction, plates, epcs, vehicleId },
  )
}
