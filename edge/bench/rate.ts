import { machineMs } from './machine-time.js'
import { round } from './figures.js'

/** Runs `work` again and again for about so long, after a tenth of it to warm up; how often a second. */
export function perSecond(seconds: number, work: () => void, each = 1): number {
  const spin = (forMs: number): { times: number; tookMs: number } => {
    const fromMs = machineMs()
    let times = 0
    let tookMs = 0
    while (tookMs < forMs) {
      for (let n = 0; n < 16; n += 1) work()
      times += 16
      tookMs = machineMs() - fromMs
    }
    return { times, tookMs }
  }
  spin(seconds * 100)
  const { times, tookMs } = spin(seconds * 1_000)
  return round((times * each * 1_000) / tookMs, 0)
}

/** The same for work that waits: `inFlight` of them at a time. */
export async function perSecondAsync(
  seconds: number,
  inFlight: number,
  work: () => Promise<unknown>,
): Promise<number> {
  const fromMs = machineMs()
  const untilMs = fromMs + seconds * 1_000
  let times = 0
  await Promise.all(
    Array.from({ length: inFlight }, async () => {
      while (machineMs() < untilMs) {
        await work()
        times += 1
      }
    }),
  )
  return round((times * 1_000) / (machineMs() - fromMs), 0)
}
