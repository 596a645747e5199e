import { useState } from 'preact/hooks'
import type { Clock } from '../../../../edge/base/clock.js'
import type { DryRun, ImportFormat } from '../../../api/list-schemas.js'
import { useAsked } from '../asked.js'
import { dayText } from '../backoffice.js'
import { importFields } from '../field-labels.js'
import {
  fetchImports,
  formats,
  formatsFor,
  isTollFormat,
  mayImport,
  mayReplace,
  startImport,
} from '../imports.js'
import type { Failure } from '../send.js'
import { useWords } from '../words.js'
import { Became, Choice } from './fields.js'
import { ImportRun } from './import-run.js'
import { Denied, May } from './may.js'
import { Opener } from './opened.js'

interface ImportsProps {
  readonly clock: Clock
  /** Names of the lists that the gateway has. */
  readonly lists: readonly string[]
  readonly stale: boolean
}

const askEveryMs = 5_000

/** Files that are read into a list: first what one would change, then in force or forgotten. */
export function Imports({ clock, lists, stale }: ImportsProps) {
  const { t, of, language } = useWords()
  const [list, setList] = useState('tags')
  const [opened, open] = useState<string | null>(null)
  const { value: runs, failed, again } = useAsked(clock, askEveryMs, () => fetchImports(list), list)
  return (
    <section class="card backoffice imports" aria-labelledby="imports-title">
      <div class="section-head">
        <h2 id="imports-title">{t('importing.title')}</h2>
      </div>
      <DryRunForm
        key={list}
        list={list}
        lists={lists}
        choose={(chosen) => {
          setList(chosen)
          open(null)
        }}
        stale={stale}
        started={(importId) => {
          open(importId)
          again()
        }}
      />
      {failed && <p class="problem">{t('importing.failed')}</p>}
      {opened !== null && (
        <ImportRun key={opened} clock={clock} list={list} importId={opened} stale={stale} again={again} />
      )}
      <h3>{t('importing.runs')}</h3>
      {runs?.length === 0 && <p class="empty">{t('importing.noRuns')}</p>}
      <ul>
        {runs?.map((run) => (
          <li key={run.importId} data-import={run.importId}>
            <Opener
              label={t('importing.open', { name: run.name })}
              isOpen={run.importId === opened}
              toggle={() => open((id) => (id === run.importId ? null : run.importId))}
            >
              {run.name}
            </Opener>{' '}
            <span class={`import-state ${run.state}`}>{of('importState', run.state)}</span>{' '}
            <span class="dim">
              {t('importing.by', { by: run.madeBy, time: dayText(run.madeAt, language) })}
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}

interface DryRunFormProps {
  readonly list: string
  readonly lists: readonly string[]
  readonly choose: (list: string) => void
  readonly stale: boolean
  readonly started: (importId: string) => void
}

function DryRunForm({ list, lists, choose, stale, started }: DryRunFormProps) {
  const { t, of } = useWords()
  const [format, setFormat] = useState<ImportFormat>('csv')
  const [mode, setMode] = useState<DryRun['mode']>('merge')
  const [file, setFile] = useState<File | null>(null)
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<Failure | null>(null)
  const right = `POST /api/lists/${list}/imports`
  const read = (chosen: File) => {
    setBusy(true)
    void startImport(list, format, mode, chosen).then((sent) => {
      setBusy(false)
      setError(sent.is === 'failed' ? sent : null)
      if (sent.is === 'taken') started(sent.body.importId)
    })
  }
  return (
    <form
      class="fields"
      onSubmit={(event) => {
        event.preventDefault()
        if (file !== null) read(file)
      }}
    >
      <Choice
        label={t('importing.list')}
        value={list}
        set={choose}
        options={lists.filter(mayImport).map((one) => [one, of('list', one)])}
      />
      <May right={right}>
        <Choice
          label={t('importing.format')}
          value={format}
          set={(chosen) => setFormat(formats.find((one) => one === chosen) ?? 'csv')}
          options={formatsFor(list).map((one) => [one, formatName(one)])}
        />
        {isTollFormat(format) ? (
          <label>
            {t('importing.mode')}
            <output>{t('importing.modeOfFile')}</output>
          </label>
        ) : (
          <Choice
            label={t('importing.mode')}
            value={mode}
            set={(chosen) => setMode(chosen === 'replace' ? 'replace' : 'merge')}
            options={[
              ['merge', t('importing.merge')],
              ...(mayReplace(list) ? [['replace', t('importing.replace')] as const] : []),
            ]}
          />
        )}
        <label>
          {t('importing.file')}
          <input type="file" onChange={(event) => setFile(event.currentTarget.files?.[0] ?? null)} />
        </label>
        <button type="submit" disabled={stale || busy || file === null}>
          {t('importing.dryRun')}
        </button>
      </May>
      <Denied right={right} />
      {busy && (
        <p class="wide" role="status">
          {t('importing.sending')}
        </p>
      )}
      <Became error={error} done={null} labels={importFields} />
    </form>
  )
}

const formatNames: Readonly<Record<ImportFormat, string>> = {
  csv: 'CSV',
  json: 'JSON',
  ndjson: 'NDJSON',
  niop: 'NIOP BTVL / DTVL',
  itag: 'IAG ITAG',
  ctoc: 'CTOC TAG',
}

export function formatName(format: ImportFormat): string {
  return formatNames[format]
}
