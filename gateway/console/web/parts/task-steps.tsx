import { useState } from 'preact/hooks'
import type { InspectionResult, InspectionState, InspectionStep } from '../../../api/task-schemas.js'
import { useWords } from '../words.js'

type Step = (what: InspectionStep['what']) => void

interface StepsProps {
  readonly task: InspectionState
  readonly inspectors: readonly string[]
  readonly operator: string
  readonly disabled: boolean
  readonly step: Step
}

/** Named here, because the page takes nothing but types from the schemas: they would bring their library along. */
const results: readonly InspectionResult[] = ['PASS', 'TREAT', 'RETURN', 'DESTROY', 'DETAIN']

/** What may be done with a task next, by whoever is signed in. */
export function Steps(props: StepsProps) {
  const { task, operator, disabled, step } = props
  const { t } = useWords()
  const isMine = task.inspector === operator
  const button = (what: 'checkIn' | 'start' | 'close') => (
    <button
      type="button"
      disabled={disabled}
      onClick={() => step(what === 'checkIn' ? { do: what, bay: '' } : { do: what })}
    >
      {t(`task.do.${what}`)}
    </button>
  )
  return (
    <div class="steps">
      {(task.state === 'CREATED' || task.state === 'ASSIGNED') && <Assign {...props} />}
      {task.state === 'ASSIGNED' && isMine && button('checkIn')}
      {task.state === 'CHECKED_IN' && isMine && button('start')}
      {task.state === 'IN_PROGRESS' && isMine && <Results {...props} />}
      <Treatment task={task} disabled={disabled} step={step} />
      {task.state === 'RESULT' && isMine && button('close')}
    </div>
  )
}

/** Where nobody is configured, whoever is signed in takes the task; else another inspector needs a remark. */
function Assign({ task, inspectors, operator, disabled, step }: StepsProps) {
  const { t } = useWords()
  const [chosen, choose] = useState('')
  const [remark, setRemark] = useState('')
  if (inspectors.length === 0) {
    if (task.inspector !== null) return null
    return (
      <button
        type="button"
        disabled={disabled}
        onClick={() => step({ do: 'assign', inspector: operator, remark: '' })}
      >
        {t('task.do.take')}
      </button>
    )
  }
  const needsRemark = task.inspector !== null && remark.trim() === ''
  return (
    <>
      <select
        aria-label={t('task.choose')}
        value={chosen}
        onChange={(event) => choose(event.currentTarget.value)}
      >
        <option value="">{t('task.choose')}</option>
        {inspectors
          .filter((name) => name !== task.inspector)
          .map((name) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
      </select>
      {task.inspector !== null && chosen !== '' && (
        <Remark taskId={task.taskId} value={remark} change={setRemark} />
      )}
      <button
        type="button"
        disabled={disabled || chosen === '' || needsRemark}
        onClick={() => step({ do: 'assign', inspector: chosen, remark })}
      >
        {t('task.do.assign')}
      </button>
    </>
  )
}

function Results({ task, disabled, step }: StepsProps) {
  const { of } = useWords()
  const [remark, setRemark] = useState('')
  return (
    <>
      <Remark taskId={task.taskId} value={remark} change={setRemark} />
      {results.map((result) => (
        <button
          key={result}
          type="button"
          disabled={disabled || (result !== 'PASS' && remark.trim() === '')}
          onClick={() => step({ do: 'result', result, remark })}
        >
          {of('inspectionResult', result)}
        </button>
      ))}
    </>
  )
}

/** By whoever treats, also after the task is closed. */
function Treatment({ task, disabled, step }: Pick<StepsProps, 'task' | 'disabled' | 'step'>) {
  const { t } = useWords()
  const isTreatable = task.result?.is === 'PASS' || task.result?.is === 'TREAT'
  if (!isTreatable || task.treatment !== null) return null
  return (
    <button type="button" disabled={disabled} onClick={() => step({ do: 'treated', remark: '' })}>
      {t('task.do.treated')}
    </button>
  )
}

interface RemarkProps {
  readonly taskId: string
  readonly value: string
  readonly change: (remark: string) => void
}

function Remark({ taskId, value, change }: RemarkProps) {
  const { t } = useWords()
  return (
    <input
      type="text"
      maxLength={500}
      placeholder={t('task.remark')}
      aria-label={t('task.remarkOf', { task: taskId })}
      value={value}
      onInput={(event) => change(event.currentTarget.value)}
    />
  )
}
