/** How a set of measured values is spread. All in the unit of the values; null of no values. */
export interface Spread {
  readonly count: number
  readonly p50: number | null
  readonly p95: number | null
  readonly p99: number | null
  readonly max: number | null
}

/** Nearest-rank percentiles, so that each figure is a value that really was measured. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (share: number): number | null => {
    const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]
    return value === undefined ? null : round(value)
  }
  return { count: sorted.length, p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) }
}

/** Three decimals: below a microsecond of a millisecond nothing here means anything. */
export function round(value: number, decimals = 3): number {
  const scale = 10 ** decimals
  return Math.round(value * scale) / scale
}

/** `value / floor`; null where one of the two was not measured. */
export function ratioOf(value: number | null, floor: number | null): number | null {
  return value === null || floor === null || floor === 0 ? null : round(value / floor, 2)
}

/** Lines of a table for a person: the first column to the left, the others to the right. */
export function tableOf(rows: readonly (readonly (string | number | null)[])[]): string[] {
  const cells = rows.map((row) => row.map((cell) => (cell === null ? '-' : String(cell))))
  const widths = (cells[0] ?? []).map((_, column) =>
    Math.max(...cells.map((row) => (row[column] ?? '').length)),
  )
  return cells.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  '),
  )
}

/** One row of a table of spreads. */
export function spreadRow(name: string, spread: Spread): (string | number | null)[] {
  return [name, spread.count, spread.p50, spread.p95, spread.p99, spread.max]
}

export const spreadHead = ['milliseconds', 'count', 'p50', 'p95', 'p99', 'max'] as const
