import { textOf, type Language } from '../../messages/text/catalogue.js'
import type { ShadowReport } from './shadow-report.js'

/**
 * The report on a trial run as people read it, a line each. `show`: how many differing passages are named;
 * the others are counted. Times are UTC.
 */
export function shadowInLines(report: ShadowReport, language: Language, show: number): string[] {
  const { from, to, passages, rows, differing, more } = report
  if (from === null || to === null) return [textOf('shadow.none', language)]
  const time = (ms: number) => new Date(ms).toISOString().slice(0, 16)
  const counts = (['agreed', 'laneOnlyReleases', 'personOnlyReleases', 'unanswered'] as const).map(
    (name) => `  ${textOf(`shadow.${name}`, language, { count: report[name] })}`,
  )
  const named = differing.slice(0, show)
  const rest = differing.length - named.length + more
  return [
    textOf('shadow.title', language, { from: time(from), to: time(to), passages }),
    ...counts,
    '',
    ...rows.map(({ primary, outcome, ...figures }) => {
      const values = { ...figures, code: primary, outcome: textOf(`outcome.${outcome}`, language) }
      return `  ${textOf('shadow.row', language, values)}`
    }),
    ...(named.length > 0
      ? ['', textOf('shadow.differing', language), ...named.map((passageId) => `  ${passageId}`)]
      : []),
    ...(rest > 0 ? [`  ... ${rest}`] : []),
  ]
}
