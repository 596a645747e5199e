import { hasPlatePattern } from '../../messages/plate-pattern.js'

/**
 * Patterns on plates by row number. Each stands under one piece of its fixed signs, the longest of up to three
 * that follow each other and of these the one that fewest others stand under; a plate is held only against the
 * patterns under its own pieces. So ten thousand patterns cost a few comparisons, and not ten thousand.
 */
export class PatternIndex {
  readonly #byPiece = new Map<string, Map<number, Pattern>>()
  readonly #pieceOf = new Map<number, string>()

  get size(): number {
    return this.#pieceOf.size
  }

  add(row: number, pattern: string): void {
    const pieces = longestPiecesOf(pattern)
    const piece = pieces.reduce((best, one) => (this.#countAt(one) < this.#countAt(best) ? one : best))
    const rows = this.#byPiece.get(piece) ?? new Map<number, Pattern>()
    this.#byPiece.set(piece, rows.set(row, { text: pattern, signs: signsOf(pattern) }))
    this.#pieceOf.set(row, piece)
  }

  /** Every pattern with its row. */
  entries(): [row: number, pattern: string][] {
    const rows = [...this.#byPiece.values()].flatMap((found) => [...found])
    return rows.map(([row, { text }]) => [row, text])
  }

  remove(row: number): void {
    const piece = this.#pieceOf.get(row)
    if (piece === undefined) return
    this.#pieceOf.delete(row)
    const rows = this.#byPiece.get(piece)
    rows?.delete(row)
    if (rows?.size === 0) this.#byPiece.delete(piece)
  }

  /** Rows whose pattern the normalised plate has. */
  *matching(plate: string): Generator<number> {
    if (this.#pieceOf.size === 0) return
    const signs = signsOf(plate)
    for (const piece of new Set(piecesOf(plate)))
      for (const [row, pattern] of this.#byPiece.get(piece) ?? []) {
        const mayFit = (pattern.signs & signs) === pattern.signs
        if (mayFit && hasPlatePattern(plate, pattern.text)) yield row
      }
  }

  #countAt(piece: string): number {
    return this.#byPiece.get(piece)?.size ?? 0
  }
}

interface Pattern {
  readonly text: string
  readonly signs: number
}

/** One bit of 31 for each fixed sign: a plate that lacks a bit of the pattern lacks its sign. */
function signsOf(text: string): number {
  let signs = 0
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code !== question && code !== star) signs |= 1 << (code % 31)
  }
  return signs
}

const question = '?'.charCodeAt(0)
const star = '*'.charCodeAt(0)

const pieceLengths = [3, 2, 1] as const

/** Every piece of one, two and three signs, and the empty one, under which patterns without any stand. */
function piecesOf(text: string): string[] {
  return ['', ...pieceLengths.flatMap((length) => piecesOfLength(text, length))]
}

function longestPiecesOf(pattern: string): readonly string[] {
  const runs = pattern.split(/[?*]+/)
  for (const length of pieceLengths) {
    const pieces = runs.flatMap((run) => piecesOfLength(run, length))
    if (pieces.length > 0) return pieces
  }
  return ['']
}

function piecesOfLength(text: string, length: number): string[] {
  const pieces: string[] = []
  for (let at = 0; at + length <= text.length; at += 1) pieces.push(text.slice(at, at + length))
  return pieces
}
