import { useState } from 'preact/hooks'
import type { Entered, OutageState, PaperEntry } from '../../../api/supplement-schemas.js'
import { postPaper, timeOf, wordsOf } from '../backoffice.js'
import { useWords } from '../words.js'
import { Became, Choice, Field, TimeField } from './fields.js'
import { Denied, May } from './may.js'
import type { KnownLane } from './outages.js'

const entering = 'POST /api/outages/:outageId/entries'

interface PaperProps {
  readonly outage: OutageState
  readonly lanes: readonly KnownLane[]
  readonly again: () => void
}

/** Enters a passage as it stands on paper; one paper after the other. */
export function Paper(props: PaperProps) {
  const { t } = useWords()
  return (
    <details>
      <summary>{t('paper.title')}</summary>
      <May right={entering}>
        <PaperForm {...props} />
        <Denied right={entering} />
      </May>
    </details>
  )
}

type Fields = Readonly<
  Record<
    | 'paperNo'
    | 'lane'
    | 'direction'
    | 'openedAt'
    | 'endedAt'
    | 'plates'
    | 'epcs'
    | 'containers'
    | 'tripId'
    | 'decided'
    | 'officer'
    | 'remark',
    string
  >
>

const empty: Fields = {
  ...{ paperNo: '', lane: '', direction: 'in', openedAt: '', endedAt: '', plates: '', epcs: '' },
  ...{ containers: '', tripId: '', decided: 'released', officer: '', remark: '' },
}

/** Null: something that a paper must say is missing. */
function entryOf(fields: Fields, lane: string): PaperEntry | null {
  const [openedAt, endedAt] = [timeOf(fields.openedAt), timeOf(fields.endedAt)]
  const [paperNo, officer, tripId] = [fields.paperNo.trim(), fields.officer.trim(), fields.tripId.trim()]
  const decided = (['released', 'held', 'returned'] as const).find((one) => one === fields.decided)
  if (paperNo === '' || officer === '' || openedAt === null || decided === undefined || lane === '')
    return null
  return {
    ...{ paperNo, lane, direction: fields.direction === 'out' ? 'out' : 'in', openedAt, decided, officer },
    ...(endedAt !== null && { endedAt }),
    plates: wordsOf(fields.plates, 8),
    epcs: wordsOf(fields.epcs, 16),
    containers: wordsOf(fields.containers, 8),
    ...(tripId !== '' && { tripId }),
    remark: fields.remark.trim(),
  }
}

function PaperForm({ outage, lanes, again }: PaperProps) {
  const { t, of } = useWords()
  const [fields, setFields] = useState<Fields>(empty)
  const [error, setError] = useState<string | null>(null)
  const [entered, setEntered] = useState<Entered | null>(null)
  const names =
    outage.lane === null
      ? lanes.filter((one) => one.edgeId === outage.edgeId).map((one) => one.lane)
      : [outage.lane]
  const lane = fields.lane === '' ? (names[0] ?? '') : fields.lane
  const entry = entryOf(fields, lane)
  const set = (name: keyof Fields) => (value: string) => setFields({ ...fields, [name]: value })
  const send = () => {
    if (entry === null) return
    void postPaper(outage.outageId, entry).then((answered) => {
      setError(answered.is === 'failed' ? answered.error : null)
      setEntered(answered.is === 'answered' ? answered.entered : null)
      if (answered.is !== 'answered' || answered.entered.refused.length > 0) return
      // Who signed and where stays the same for the next paper of a pile.
      const { officer, direction } = fields
      setFields({ ...empty, lane, officer, direction })
      again()
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
      <Field label={t('paper.no')} value={fields.paperNo} set={set('paperNo')} max={64} />
      <Choice
        label={t('outage.lane')}
        value={lane}
        set={set('lane')}
        options={names.map((one) => [one, one])}
      />
      <Choice
        label={t('correct.direction')}
        value={fields.direction}
        set={set('direction')}
        options={(['in', 'out'] as const).map((one) => [one, of('direction', one)])}
      />
      <TimeField label={t('paper.openedAt')} value={fields.openedAt} set={set('openedAt')} />
      <TimeField label={t('paper.endedAt')} value={fields.endedAt} set={set('endedAt')} />
      <Field label={t('correct.plates')} value={fields.plates} set={set('plates')} max={150} />
      <Field label={t('correct.epcs')} value={fields.epcs} set={set('epcs')} max={2_100} />
      <Field label={t('paper.containers')} value={fields.containers} set={set('containers')} max={150} />
      <Field label={t('paper.trip')} value={fields.tripId} set={set('tripId')} max={64} />
      <Choice
        label={t('paper.decided')}
        value={fields.decided}
        set={set('decided')}
        options={(['released', 'held', 'returned'] as const).map((one) => [one, t(`paper.${one}`)])}
      />
      <Field label={t('paper.officer')} value={fields.officer} set={set('officer')} max={64} />
      <Field label={t('correct.remark')} value={fields.remark} set={set('remark')} />
      <button type="submit" disabled={entry === null}>
        {t('paper.send')}
      </button>
      <Became error={error} done={null} />
      {entered !== null && <Result entered={entered} />}
    </form>
  )
}

function Result({ entered: { taken, unchanged, refused, differences } }: { readonly entered: Entered }) {
  const { t, of } = useWords()
  return (
    <div role="status">
      {taken > 0 && <p>{t('paper.taken')}</p>}
      {unchanged > 0 && <p>{t('paper.unchanged')}</p>}
      {refused.map(({ path, message }) => (
        <p key={`${path} ${message}`} class="problem">
          {t('paper.refused', { why: path === '' ? message : `${path}: ${message}` })}
        </p>
      ))}
      {differences.map(({ kind, detail }) => (
        <p key={`${kind} ${detail}`} class="problem">
          {of('difference', kind)} {detail}
        </p>
      ))}
    </div>
  )
}
