import type { Cancel, Clock } from '../base/clock.js'
import { messageOf } from '../base/error.js'
import type { Site } from '../../simulators/scenario/site.js'
import type { YardNotice } from '../../simulators/scenario/yard-process.js'

/** One round of troubles; then it begins again. */
const roundMs = 120_000

interface Trouble {
  readonly atMs: number
  readonly forMs: number
  readonly zh: string
  readonly en: string
  begin(site: Site): Promise<void>
  end(site: Site): Promise<void>
}

const troubles: readonly Trouble[] = [
  {
    atMs: 25_000,
    forMs: 8_000,
    zh: '1 号车道读写器被拔下',
    en: 'the reader of lane 1 is unplugged',
    begin: async (site) => void (await site.yard({ do: 'unplugReader', lane: 'lane-1' })),
    end: async (site) => void (await site.yard({ do: 'plugReader', lane: 'lane-1' })),
  },
  {
    atMs: 50_000,
    forMs: 20_000,
    zh: '网络中断：车道自行判定',
    en: 'the network is away: the lanes decide alone',
    begin: (site) => {
      site.uplink.setQuality({ refuses: true })
      site.uplink.cut()
      return Promise.resolve()
    },
    end: (site) => {
      site.uplink.setQuality({ refuses: false })
      return Promise.resolve()
    },
  },
]

/** What goes wrong during a demo, over and over, beside what the traffic itself brings. */
export class DemoScript {
  readonly #site: Site
  readonly #clock: Clock
  readonly #timers = new Set<Cancel>()
  readonly #active = new Set<Trouble>()
  readonly kinds = new Map<string, number>()
  lastError = ''

  constructor(given: { readonly site: Site; readonly clock: Clock }) {
    this.#site = given.site
    this.#clock = given.clock
  }

  /** What is wrong just now, in words. */
  now(language: 'zh-CN' | 'en'): readonly string[] {
    return [...this.#active].map((trouble) => (language === 'en' ? trouble.en : trouble.zh))
  }

  start(): void {
    for (const trouble of troubles) this.#later(trouble.atMs, () => this.#begin(trouble))
    this.#later(roundMs, () => this.start())
  }

  stop(): void {
    for (const cancel of this.#timers) cancel()
    this.#timers.clear()
  }

  async mendAll(): Promise<void> {
    for (const trouble of this.#active) await this.#end(trouble)
  }

  take(notice: YardNotice): void {
    if (notice.is === 'entered') this.kinds.set(notice.kind, (this.kinds.get(notice.kind) ?? 0) + 1)
  }

  async #begin(trouble: Trouble): Promise<void> {
    this.#active.add(trouble)
    this.#later(trouble.forMs, () => this.#end(trouble))
    await trouble.begin(this.#site)
  }

  async #end(trouble: Trouble): Promise<void> {
    this.#active.delete(trouble)
    await trouble.end(this.#site)
  }

  #later(afterMs: number, run: () => unknown): void {
    const cancel = this.#clock.after('demo script', afterMs, () => {
      this.#timers.delete(cancel)
      Promise.resolve(run()).catch((error: unknown) => {
        this.lastError = messageOf(error)
      })
    })
    this.#timers.add(cancel)
  }
}
