import type { Clock } from '../../../../edge/base/clock.js'
import type { Difference, DryRun } from '../../../api/list-schemas.js'
import { useAsked, useOnce } from '../asked.js'
import { dayText } from '../backoffice.js'
import {
  acknowledgementAddress,
  endImport,
  fetchDifferences,
  fetchImport,
  type DifferenceKind,
} from '../imports.js'
import { fieldsChanged } from '../differences.js'
import { useWords } from '../words.js'
import { formatName } from './imports.js'
import { Denied, May } from './may.js'
import { Press } from './press.js'
import { Columns } from './opened.js'

interface ImportRunProps {
  readonly clock: Clock
  readonly list: string
  readonly importId: string
  readonly stale: boolean
  readonly again: () => void
}

const askEveryMs = 1_500
const sampleMax = 20
const refusedShown = 100
const kinds: readonly DifferenceKind[] = ['added', 'changed', 'gone']

/** One file: what it would change or has changed, which lines are not taken and why, and what may be done with it. */
export function ImportRun({ clock, list, importId, stale, again }: ImportRunProps) {
  const { t, of, language } = useWords()
  const asked = useAsked(clock, askEveryMs, () => fetchImport(list, importId), importId)
  const run = asked.value
  if (run === null) return asked.failed ? <p class="problem">{t('importing.failed')}</p> : null
  const file = acknowledgementAddress(run)
  const both = () => {
    asked.again()
    again()
  }
  return (
    <div class="import-run" data-run={importId}>
      <p>
        <strong>{run.name}</strong>{' '}
        <span class={`import-state ${run.state}`}>{of('importState', run.state)}</span>{' '}
        <span class="dim">
          {formatName(run.format)} ·{' '}
          {t('importing.by', { by: run.madeBy, time: dayText(run.madeAt, language) })} ·{' '}
          {t('importing.against', { version: run.baseVersion })}
        </span>
      </p>
      {run.head !== null && (
        <p class="dim">
          {t('importing.agency', {
            agency: run.head.agency,
            kind: t(run.head.bulk ? 'importing.bulk' : 'importing.change'),
          })}
        </p>
      )}
      {run.state === 'READING' && <p role="status">{t('importing.reading', { count: run.read })}</p>}
      {run.fault !== null && (
        <p class="problem" role="alert">
          {of('fileFault', run.fault.kind)}
          {run.fault.line > 0 && ` · ${t('importing.line')} ${run.fault.line}`}{' '}
          <span class="dim">{run.fault.message}</span>
        </p>
      )}
      <Counts run={run} />
      {run.applied !== null && (
        <p>{t('importing.applied', { by: run.applied.by, version: run.applied.version })}</p>
      )}
      {run.state === 'READY' && <End run={run} stale={stale} again={both} />}
      {file !== null && (
        <p>
          <a href={file} download>
            {t('importing.acknowledgement')}
          </a>
        </p>
      )}
      {run.state === 'READY' && kinds.map((what) => <Sample key={what} run={run} what={what} />)}
      <RefusedLines run={run} />
    </div>
  )
}

function Counts({ run: { counts, refusedCount } }: { readonly run: DryRun }) {
  const { t, language } = useWords()
  const figures = [
    ['added', counts.added],
    ['changed', counts.changed],
    ['same', counts.same],
    ['gone', counts.gone],
    ['refused', refusedCount],
  ] as const
  return (
    <dl class="counts">
      {figures.map(([what, count]) => (
        <div key={what} data-count={what}>
          <dt>{t(`importing.${what}`)}</dt>
          <dd class={count > 0 && (what === 'gone' || what === 'refused') ? 'figures bad' : 'figures'}>
            {count.toLocaleString(language)}
          </dd>
        </div>
      ))}
    </dl>
  )
}

interface EndProps {
  readonly run: DryRun
  readonly stale: boolean
  readonly again: () => void
}

function End({ run, stale, again }: EndProps) {
  const { t } = useWords()
  const rightTo = (how: 'apply' | 'discard') => `POST /api/lists/${run.list}/imports/:importId/${how}`
  return (
    <>
      <div class="pair">
        {(['apply', 'discard'] as const).map((how) => (
          <May key={how} right={rightTo(how)}>
            <Press
              act={t(`importing.${how}`)}
              disabled={stale}
              send={() => endImport(run, how)}
              again={again}
            />
          </May>
        ))}
      </div>
      <Denied right={rightTo('apply')} />
    </>
  )
}

function Sample({ run, what }: { readonly run: DryRun; readonly what: DifferenceKind }) {
  const { t } = useWords()
  const count = run.counts[what]
  const found = useOnce(
    () => (count === 0 ? Promise.resolve([]) : fetchDifferences(run, what, sampleMax)),
    `${run.importId} ${what}`,
  )
  if (found === null || found.length === 0) return null
  return (
    <details open data-sample={what}>
      <summary>
        {t('importing.sample')}: {t(`importing.${what}`)}{' '}
        <span class="figures">{t('importing.sampleOf', { shown: found.length, count })}</span>
      </summary>
      <div class="scroll">
        <table>
          <Columns
            names={[t('importing.key'), t('importing.place'), t('importing.before'), t('importing.after')]}
          />
          <tbody>
            {found.map((difference) => (
              <Changed key={difference.key} difference={difference} />
            ))}
          </tbody>
        </table>
      </div>
    </details>
  )
}

function Changed({ difference }: { readonly difference: Difference }) {
  const fields = fieldsChanged(difference)
  return (
    <>
      {fields.map(({ field, before, after }, index) => (
        <tr key={field}>
          {index === 0 && <td rowSpan={fields.length}>{difference.key}</td>}
          <td class="dim">{field}</td>
          <td>{before === null ? '–' : <code>{before}</code>}</td>
          <td>{after === null ? '–' : <code>{after}</code>}</td>
        </tr>
      ))}
    </>
  )
}

function RefusedLines({ run: { refused, refusedCount } }: { readonly run: DryRun }) {
  const { t, told } = useWords()
  const shown = refused.slice(0, refusedShown)
  if (shown.length === 0) return null
  return (
    <details open class="refused-lines">
      <summary>{t('importing.refusedLines')}</summary>
      <div class="scroll">
        <table>
          <Columns names={[t('importing.line'), t('importing.place'), t('importing.why')]} />
          <tbody>
            {shown.map(({ line, path, code, values, message }, index) => (
              <tr key={index}>
                <td class="figures">{line}</td>
                <td>
                  <code>{path}</code>
                </td>
                <td>{told('lineProblem', code, values, message)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {refusedCount > shown.length && (
        <p class="dim">{t('importing.moreRefused', { count: refusedCount - shown.length })}</p>
      )}
    </details>
  )
}
