import { randomBytes } from 'node:crypto'
import { commitmentOf, type DaySeed } from '../domain/draw.js'
import type { Sql } from '../store/database.js'

/** What everybody may see of a day: its seed only when the day is over. */
export interface PublishedSeed {
  readonly day: string
  /** SHA-256 of the seed's text, published before the first draw of the day. */
  readonly commitment: string
  readonly seed: string | null
}

const seedBytes = 32

export function dayOf(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 10)
}

/** The seed of the day, made and stored at its first use; never replaced. */
export async function seedOf(sql: Sql, atMs: number): Promise<DaySeed> {
  const day = dayOf(atMs)
  await sql.run('INSERT OR IGNORE INTO day_seeds (day, seed, made_at) VALUES (?, ?, ?)', [
    day,
    randomBytes(seedBytes).toString('hex'),
    Math.round(atMs),
  ])
  const row = await sql.one<{ seed: string }>('SELECT seed FROM day_seeds WHERE day = ?', [day])
  if (!row) throw new Error(`the seed of ${day} was stored and is not there`)
  return { day, seed: row.seed }
}

/** The newest days first. A day's seed shows when the next day has begun. */
export async function publishedSeeds(sql: Sql, nowMs: number, limit: number): Promise<PublishedSeed[]> {
  const today = dayOf(nowMs)
  const rows = await sql.all<{ day: string; seed: string }>(
    'SELECT day, seed FROM day_seeds ORDER BY day DESC LIMIT ?',
    [limit],
  )
  return rows.map(({ day, seed }) => ({
    day,
    commitment: commitmentOf({ day, seed }),
    seed: day < today ? seed : null,
  }))
}
