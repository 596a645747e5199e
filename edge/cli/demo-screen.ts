import type { Cancel, Clock } from '../base/clock.js'
import type { GatewayState } from '../../gateway/api/schemas.js'
import type { Ledger } from '../../simulators/scenario/ledger.js'
import type { Site } from '../../simulators/scenario/site.js'
import { textOf, type Language } from '../messages/text/catalogue.js'
import type { DemoScript } from './demo-script.js'

/** A terminal is drawn anew this often; a file gets a line of the same content less often. */
const drawEveryMs = 1_000
const lineEveryMs = 5_000

interface ScreenGiven {
  readonly site: Site
  readonly clock: Clock
  readonly ledger: Ledger
  readonly script: DemoScript
  readonly language: Language
}

/** The demo's live view: a few lines that are drawn over in a terminal, plain lines elsewhere. */
export class DemoScreen {
  readonly #given: ScreenGiven
  readonly #isTerminal = process.stdout.isTTY
  #drawn = 0
  #cancel: Cancel | null = null
  #stopped = false

  constructor(given: ScreenGiven) {
    this.#given = given
  }

  announce(link: string, withOfficer: boolean): void {
    const { httpUrl } = this.#given.site
    process.stdout.write(
      `\nConsole 控制台: ${httpUrl}\nOpen this link once to sign in 请用此一次性链接登录:\n  ${link}\n`,
    )
    const officer = withOfficer
      ? 'Held vehicles wait for you; after 20 s a simulated officer answers. 被扣车辆等您处理，20 秒后由模拟值班员处理。'
      : 'Held vehicles wait for you. 被扣车辆等您处理。'
    process.stdout.write(`${officer}\nCtrl-C stops everything. 按 Ctrl-C 全部停止。\n\n`)
  }

  start(): void {
    if (this.#stopped) return
    this.#cancel = this.#given.clock.after(
      'demo screen',
      this.#isTerminal ? drawEveryMs : lineEveryMs,
      () => {
        this.#draw().then(
          () => this.start(),
          () => this.start(),
        )
      },
    )
  }

  stop(): void {
    this.#stopped = true
    this.#cancel?.()
  }

  async #draw(): Promise<void> {
    const state = await this.#given.site.client?.state()
    if (!state || this.#stopped) return
    const lines = this.#lines(state)
    if (!this.#isTerminal) {
      process.stdout.write(`${lines.join(' | ')}\n`)
      return
    }
    const up = this.#drawn > 0 ? `\x1b[${this.#drawn}A` : ''
    process.stdout.write(`${up}${lines.map((line) => `\x1b[2K${line}\n`).join('')}\x1b[0J`)
    this.#drawn = lines.length
  }

  #lines(state: GatewayState): string[] {
    const { language, ledger, script } = this.#given
    const say = (key: string) => textOf(key, language)
    const edge = state.edges[0]
    const lanes = (edge?.health?.lanes ?? []).map((lane) => {
      const tag = lane.lastTag ? lane.lastTag.epc : '-'
      const why = lane.reason ? ` ${say(`reason.${lane.reason}`)}` : ''
      return `${lane.lane} ${say(`mode.${lane.mode}`)} ${say(`state.${lane.at}`)} ${say(`barrier.${lane.barrier}`)} ${tag}${why}`
    })
    const open = state.escalations.filter((one) => one.state === 'OPEN').length
    const waiting = edge?.health?.outbox.waiting ?? 0
    const figures =
      language === 'en'
        ? `arrived ${ledger.arrived}, left ${ledger.left}, raised ${ledger.raises}, held now ${open}, outbox ${waiting}`
        : `到达 ${ledger.arrived}，离开 ${ledger.left}，抬杆 ${ledger.raises}，待处置 ${open}，待发 ${waiting}`
    const troubles = script.now(language).map((trouble) => `! ${trouble}`)
    return [...lanes, figures, ...troubles]
  }
}
