import { Fragment } from 'preact'
import { useState } from 'preact/hooks'
import type { Clock } from '../../../../edge/base/clock.js'
import type { HoldsState, HoldState } from '../../../api/lift-schemas.js'
import { useAsked } from '../asked.js'
import { askHoldLift, confirmHoldLift, fetchHolds, holdKey, withdrawHoldLift } from '../holds.js'
import { useWords } from '../words.js'
import { Field } from './fields.js'
import { ActionCell, SubjectCell, ValidityCell } from './hold-cells.js'
import { AskLift, ConfirmLift, Foreign } from './lift-steps.js'
import { Columns, Opener, useOpened } from './opened.js'

interface HoldsProps {
  readonly clock: Clock
  /** Who is signed in. */
  readonly operator: string
  readonly stale: boolean
}

const askEveryMs = 5_000

/** Bans, orders of a file and automatic ones: found by their number or whom they hold, and lifted by two people. */
export function Holds({ clock, operator, stale }: HoldsProps) {
  const { t } = useWords()
  const [typed, type] = useState('')
  const [name, look] = useState('')
  const [lifted, setLifted] = useState<{ readonly hold: string; readonly version: number } | null>(null)
  const { value, failed, again } = useAsked(clock, askEveryMs, () => fetchHolds(name), name)
  const find = (wanted: string) => {
    setLifted(null)
    look(wanted)
    if (wanted === name) again()
  }
  return (
    <section class="card backoffice holds" aria-labelledby="holds-title">
      <div class="section-head">
        <h2 id="holds-title">{t('hold.title')}</h2>
        <p class="dim">{t('hold.note')}</p>
      </div>
      <form
        class="fields"
        role="search"
        onSubmit={(event) => {
          event.preventDefault()
          find(typed.trim())
        }}
      >
        <Field label={t('hold.find')} value={typed} set={type} max={128} />
        <button type="submit">{t('hold.look')}</button>
        {name !== '' && (
          <button
            type="button"
            onClick={() => {
              type('')
              find('')
            }}
          >
            {t('hold.showWaiting')}
          </button>
        )}
      </form>
      <p class="fine" role="status">
        {lifted !== null && t('hold.lifted', lifted)}
      </p>
      {failed && <p class="problem">{t('hold.failed')}</p>}
      {value?.holds.length === 0 && (
        <p class="empty">{name === '' ? t('hold.noneWaiting') : t('hold.none', { name })}</p>
      )}
      {value && value.holds.length > 0 && (
        <Found
          found={value}
          operator={operator}
          stale={stale || failed}
          again={again}
          onLifted={(hold, version) => setLifted({ hold, version })}
        />
      )}
    </section>
  )
}

interface StepProps {
  readonly operator: string
  readonly stale: boolean
  readonly again: () => void
  readonly onLifted: (hold: string, version: number) => void
}

function Found({ found, ...step }: StepProps & { readonly found: HoldsState }) {
  const { t } = useWords()
  const [opened, toggle] = useOpened()
  const names = [
    ...[t('hold.number'), t('order.subject'), t('hold.what')],
    ...[t('order.validity'), t('order.state')],
  ]
  return (
    <>
      <div class="scroll">
        <table>
          <Columns names={names} />
          <tbody>
            {found.holds.map((hold) => {
              const id = `${hold.list}/${holdKey(hold)}`
              return (
                <Fragment key={id}>
                  <Row hold={hold} isOpen={opened === id} toggle={() => toggle(id)} />
                  {opened === id && (
                    <tr>
                      <td class="order-panel" colSpan={names.length}>
                        <Panel hold={hold} by={found.by} {...step} />
                      </td>
                    </tr>
                  )}
                </Fragment>
              )
            })}
          </tbody>
        </table>
      </div>
      {found.more && <p class="dim">{t('hold.more', { count: found.holds.length })}</p>}
    </>
  )
}

interface RowProps {
  readonly hold: HoldState
  readonly isOpen: boolean
  readonly toggle: () => void
}

function Row({ hold, isOpen, toggle }: RowProps) {
  const { t, of, said } = useWords()
  const { entry, list, waiting } = hold
  const key = holdKey(hold)
  return (
    <tr data-hold={key}>
      <td>
        <Opener label={t('hold.open', { hold: key })} isOpen={isOpen} toggle={toggle}>
          {key}
        </Opener>
        <div class="dim">
          {of('holdOf', list)} · {said('agency', entry.agency)}
          {entry.kind === 'order' && <> · {t('hold.issuedBy', { by: entry.issuedBy })}</>}
        </div>
      </td>
      <SubjectCell subject={entry.subject} />
      {entry.kind === 'order' ? <ActionCell order={entry} /> : <td>{said('level', entry.level)}</td>}
      <ValidityCell validFrom={entry.validFrom} validTo={entry.validTo} />
      <td>
        {waiting === null ? (
          <span class="order-state ACTIVE">{t('hold.inForce')}</span>
        ) : (
          <span class="order-state LIFT_ASKED">{t('hold.liftAsked', { by: waiting.person })}</span>
        )}
      </td>
    </tr>
  )
}

type PanelProps = StepProps & { readonly hold: HoldState; readonly by: HoldsState['by'] }

function Panel(props: PanelProps) {
  const { t } = useWords()
  const { reason } = props.hold.entry
  return (
    <>
      {reason !== '' && (
        <p>
          <span class="dim">{t('hold.reason')}</span> {reason}
        </p>
      )}
      <Next {...props} />
    </>
  )
}

/** What may be done with it now, or why nothing. */
function Next({ hold, by, operator, stale, again, onLifted }: PanelProps) {
  const { t, of } = useWords()
  const { list, entry, foreign, placedHere, waiting } = hold
  const right = `POST /api/lists/:list/lifts`
  if (placedHere) return <p>{t('hold.placedHere')}</p>
  if (by === 'noKeys') return <p class="warn">{of('api', 'noKeysHere')}</p>
  if (waiting === null && foreign) return <Foreign agency={entry.agency} />
  const signed = by === 'signed'
  if (waiting === null)
    return (
      <AskLift
        right={right}
        act={t(signed ? 'hold.askAndSign' : 'order.askLift')}
        signed={signed}
        stale={stale}
        again={again}
        send={(wanted) => askHoldLift(hold, wanted)}
      />
    )
  return (
    <>
      {foreign && <Foreign agency={entry.agency} />}
      <ConfirmLift
        key={`${list} ${waiting.at}`}
        rights={{ confirm: `${right}/confirm`, withdraw: `${right}/withdraw` }}
        lift={waiting}
        people={[waiting.person]}
        asker={waiting.person}
        operator={operator}
        foreign={foreign}
        signed={signed}
        stale={stale}
        again={again}
        confirm={async ({ passphrase }) => {
          const answered = await confirmHoldLift(hold, passphrase)
          if ('error' in answered) return answered
          onLifted(holdKey(hold), answered.version)
          return null
        }}
        withdraw={(why) => withdrawHoldLift(hold, why)}
      />
    </>
  )
}
