import { useState } from 'preact/hooks'
import type { Clock } from '../../../../edge/base/clock.js'
import type { InspectionState, InspectionStep } from '../../../api/task-schemas.js'
import { fetchTasks, postStep } from '../api.js'
import { useAsked } from '../asked.js'
import { timeText } from '../view.js'
import { useWords } from '../words.js'
import { qrOf } from '../qr.js'
import { Became } from './fields.js'
import { Locks } from './locks.js'
import { Denied, May } from './may.js'
import { Columns } from './opened.js'
import { Steps } from './task-steps.js'

const stepping = 'POST /api/inspections/:taskId'

interface TasksProps {
  readonly clock: Clock
  /** Who is signed in: an inspector takes the steps of his own tasks. */
  readonly operator: string
  readonly stale: boolean
}

/** Asked for again so often: nobody waits for a task by the second, and a step of one's own shows at once. */
const askEveryMs = 5_000
const closedShown = 10

/** What is to be done behind the lanes: inspections and locked containers. */
export function Tasks({ clock, operator, stale }: TasksProps) {
  const { t } = useWords()
  const { value: board, failed, again } = useAsked(clock, askEveryMs, fetchTasks)
  const shown = board === null ? [] : shownOf(board.tasks)
  return (
    <>
      <section class="card tasks" aria-labelledby="tasks-title">
        <div class="section-head">
          <h2 id="tasks-title">{t('task.inspections')}</h2>
        </div>
        {failed && <p class="problem">{t('task.failed')}</p>}
        {shown.length > 0 && <Denied right={stepping} />}
        {board !== null && shown.length === 0 && <p class="empty">{t('task.noInspections')}</p>}
        {shown.length > 0 && (
          <div class="scroll">
            <table>
              <Columns names={[t('task.what'), t('task.why'), t('task.state'), t('task.next')]} />
              <tbody>
                {shown.map((task) => (
                  <Row
                    key={task.taskId}
                    task={task}
                    inspectors={board?.inspectors ?? []}
                    operator={operator}
                    stale={stale || failed}
                    again={again}
                  />
                ))}
              </tbody>
            </table>
          </div>
        )}
      </section>
      <Locks locks={board?.locks ?? []} stale={stale || failed} again={again} />
    </>
  )
}

function shownOf(tasks: readonly InspectionState[]): InspectionState[] {
  const open = tasks.filter(({ state }) => state !== 'CLOSED')
  return [...open, ...tasks.filter(({ state }) => state === 'CLOSED').slice(0, closedShown)]
}

interface RowProps {
  readonly task: InspectionState
  readonly inspectors: readonly string[]
  readonly operator: string
  readonly stale: boolean
  readonly again: () => void
}

function Row({ task, inspectors, operator, stale, again }: RowProps) {
  const { t, of } = useWords()
  const [error, setError] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const step = (what: InspectionStep['what']) => {
    setBusy(true)
    void postStep(task.taskId, { version: task.version, what }).then((problem) => {
      setError(problem)
      setBusy(false)
      again()
    })
  }
  return (
    <tr data-task={task.taskId}>
      <td>
        <div>{[...(task.vehicleId === null ? [] : [task.vehicleId]), ...task.plates].join(' · ')}</div>
        <div class="dim">
          {task.tripId !== null && t('task.trip', { trip: task.tripId })} {task.containers.join(' ')}
        </div>
        <div class="dim">{task.lane}</div>
      </td>
      <td>
        {task.reasons.map((code) => (
          <div key={code}>{of('reason', code)}</div>
        ))}
      </td>
      <td>
        <Standing task={task} />
      </td>
      <td>
        <May right={stepping}>
          <Steps
            // What was typed belongs to one state of the task.
            key={task.version}
            task={task}
            inspectors={inspectors}
            operator={operator}
            disabled={stale || busy}
            step={step}
          />
        </May>
        <Became error={error} done={null} />
      </td>
    </tr>
  )
}

function Standing({ task }: { task: InspectionState }) {
  const { t, of, language } = useWords()
  const { state, inspector, drawId, bay, result, treatment, receipt, changedAt, missedAt, cancelled } = task
  return (
    <>
      <span class={`task-state ${state}`}>{of('inspection', state)}</span>{' '}
      <time class="dim figures" dateTime={new Date(changedAt).toISOString()}>
        {timeText(changedAt, language)}
      </time>
      {inspector !== null && (
        <div>
          {t('task.inspector', { name: inspector })}{' '}
          {drawId !== null && <span class="dim">{t('task.drawn', { draw: drawId })}</span>}
        </div>
      )}
      {missedAt !== undefined && (
        <div class="problem">{t('task.missed', { time: timeText(missedAt, language) })}</div>
      )}
      {cancelled !== undefined && (
        <div>
          {t(`task.cancelled.${cancelled.why}`, { by: cancelled.by })} {cancelled.remark}
        </div>
      )}
      {bay !== null && <div>{t('task.bay', { bay })}</div>}
      {result !== null && (
        <div>
          <strong class={`task-result ${result.is}`}>{of('inspectionResult', result.is)}</strong>{' '}
          {result.remark}
        </div>
      )}
      {receipt !== null && (
        <details>
          <summary>{t('task.receipt')}</summary>
          <Qr text={receipt.text} label={t('task.receiptQr', { receipt: receipt.receiptId })} />
          <code>{receipt.text}</code>
        </details>
      )}
      {treatment !== null && (
        <div>
          {t('task.treated', { by: treatment.by })} {treatment.remark}
        </div>
      )}
    </>
  )
}

/** What scanners at the lane read; a text that is too long for it stays readable beside. */
function Qr({ text, label }: { text: string; label: string }) {
  const picture = qrOf(text)
  if (picture === null) return null
  return (
    <svg class="qr" role="img" aria-label={label} viewBox={`0 0 ${picture.size} ${picture.size}`}>
      <rect width={picture.size} height={picture.size} fill="#fff" />
      <path d={picture.path} fill="#000" />
    </svg>
  )
}
