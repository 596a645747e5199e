import { Fragment } from 'preact'
import type { Clock } from '../../../../edge/base/clock.js'
import type { ListClass } from '../../../api/list-schemas.js'
import type { GatewayState } from '../../../api/schemas.js'
import { get } from '../api.js'
import { useAsked } from '../asked.js'
import { copyOf, copyStates, inPlace, standsOut, type Copy } from '../copies.js'
import type { Model } from '../model.js'
import { ageText, edgeNowMs, gatewayNowMs, presenceOf, timeText } from '../view.js'
import { useWords } from '../words.js'
import { Columns, Opener, useOpened } from './opened.js'

interface ListsProps {
  readonly clock: Clock
  readonly model: Model
  readonly state: GatewayState
  readonly monoMs: number
}

const askEveryMs = 10_000

async function fetchClasses(): Promise<readonly ListClass[] | null> {
  return (await get<{ lists: ListClass[] }>('/api/lists'))?.lists ?? null
}

/** Every list with its newest version, and how it stands at each edge; what lags stands first in its row. */
export function Lists({ clock, model, state, monoMs }: ListsProps) {
  const { t } = useWords()
  const { value: classes, failed } = useAsked(clock, askEveryMs, fetchClasses)
  const [opened, toggle] = useOpened()
  const nowMs = gatewayNowMs(model, monoMs)
  const names = [
    ...[t('listing.list'), t('listing.version'), t('listing.hash')],
    ...[t('listing.changed'), t('listing.maxAge'), t('listing.edges')],
  ]
  return (
    <section class="card list-status" aria-labelledby="lists-title">
      <div class="section-head">
        <h2 id="lists-title">{t('listing.title')}</h2>
        <p class="dim">{t('listing.maxAgeNote')}</p>
      </div>
      {failed && <p class="problem">{t('listing.failed')}</p>}
      <div class="scroll">
        <table>
          <Columns names={names} />
          <tbody>
            {inPlace(state.lists).map((newest) => {
              const found = classes?.find(({ list }) => list === newest.list)
              const copies = state.edges.map((edge) =>
                copyOf(edge, {
                  ...{ newest, nowMs, maxAge: found?.maxAge ?? null },
                  edgeNowMs: edgeNowMs(model, edge.edgeId, monoMs),
                  isHere: ['live', 'silent'].includes(presenceOf(model, edge, monoMs)),
                }),
              )
              return (
                <Fragment key={newest.list}>
                  <Row
                    newest={newest}
                    known={found}
                    copies={copies}
                    nowMs={nowMs}
                    isOpen={opened === newest.list}
                    toggle={() => toggle(newest.list)}
                  />
                  {opened === newest.list && (
                    <tr>
                      <td class="copies" colSpan={names.length}>
                        <Copies copies={copies} />
                      </td>
                    </tr>
                  )}
                </Fragment>
              )
            })}
          </tbody>
        </table>
      </div>
    </section>
  )
}

interface RowProps {
  readonly newest: GatewayState['lists'][number]
  readonly known: ListClass | undefined
  readonly copies: readonly Copy[]
  readonly nowMs: number
  readonly isOpen: boolean
  readonly toggle: () => void
}

function Row({ newest, known, copies, nowMs, isOpen, toggle }: RowProps) {
  const { t, of, language } = useWords()
  const { list, version, count, contentHash, publishedAt } = newest
  const lagging = copies.filter(standsOut)
  const unknown = copies.filter(({ state }) => state === 'unknown').length
  return (
    <tr data-list={list} class={lagging.length > 0 ? 'stands-out' : unknown > 0 ? 'not-known' : undefined}>
      <td>
        <Opener label={t('listing.open', { list: of('list', list) })} isOpen={isOpen} toggle={toggle}>
          {of('list', list)}
        </Opener>
      </td>
      <td class="figures">
        {version}
        <div class="dim entries">{t('listing.entries', { count: count.toLocaleString(language) })}</div>
      </td>
      <td>
        <code title={contentHash}>{contentHash.slice(0, 8)}</code>
      </td>
      <td class="figures">
        {known === undefined
          ? t('console.ago', { age: ageText(nowMs - publishedAt, language) })
          : t('listing.changedBy', { age: ageText(nowMs - publishedAt, language), by: known.by })}
      </td>
      <td class="figures">{known === undefined ? '–' : <MaxAge maxAge={known.maxAge} />}</td>
      <td>
        {lagging.length > 0 && (
          <>
            <strong class="bad">⚠ {t('listing.some', { count: lagging.length, all: copies.length })}</strong>
            <div>{[...new Set(lagging.map(({ state }) => of('copy', state)))].join(' · ')}</div>
          </>
        )}
        {unknown > 0 && (
          <div class="warn">? {t('listing.unknown', { count: unknown, all: copies.length })}</div>
        )}
        {lagging.length + unknown === 0 && (
          <span class="fine">✓ {t('listing.allGood', { count: copies.length })}</span>
        )}
      </td>
    </tr>
  )
}

function MaxAge({ maxAge }: { readonly maxAge: ListClass['maxAge'] }) {
  const { t, language } = useWords()
  if (maxAge === null) return <>{t('listing.maxAgeNone')}</>
  const { ladenMs, otherMs } = maxAge
  if (ladenMs === otherMs) return <>{ageText(otherMs, language)}</>
  return (
    <>{t('listing.maxAgeBoth', { laden: ageText(ladenMs, language), other: ageText(otherMs, language) })}</>
  )
}

/** The worst first: a person looks for what is wrong. */
function Copies({ copies }: { readonly copies: readonly Copy[] }) {
  const { t, of, language } = useWords()
  const names = [
    ...[t('listing.edge'), t('listing.sent'), t('listing.verified')],
    ...[t('listing.inForce'), t('listing.age'), t('listing.state')],
  ]
  const sorted = [...copies].sort((a, b) => copyStates.indexOf(b.state) - copyStates.indexOf(a.state))
  const word = (said: Copy['sent']) =>
    said === null ? '–' : t('listing.versionAt', { version: said.version, time: timeText(said.at, language) })
  return (
    <table>
      <Columns names={names} />
      <tbody>
        {sorted.map((copy) => (
          <tr key={copy.edgeId} data-edge={copy.edgeId}>
            <td>{copy.edgeId}</td>
            <td class="figures">{word(copy.sent)}</td>
            <td class="figures">{word(copy.verified)}</td>
            <td class="figures">{copy.held ?? '–'}</td>
            <td class="figures">
              {copy.ageMs === null ? t('console.neverConfirmed') : ageText(copy.ageMs, language)}
            </td>
            <td>
              <span class={toneOf(copy)}>
                {signs[toneOf(copy)]} {of('copy', copy.state)}
              </span>
              {copy.refused !== null && (
                <div class="bad">
                  {t('listing.refusedVersion', {
                    version: copy.refused.version,
                    why: of('refusal', copy.refused.why),
                  })}
                </div>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

const signs = { bad: '⚠', warn: '?', fine: '✓' } as const

function toneOf(copy: Copy): keyof typeof signs {
  if (standsOut(copy)) return 'bad'
  return copy.state === 'unknown' ? 'warn' : 'fine'
}
