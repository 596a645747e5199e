import type { ControlListName } from '../../edge/interfaces/list-store.js'
import { listKeyOf, listKinds, type ListEntry, type ListName } from '../../edge/messages/entities.js'
import { controlListNames } from '../../edge/messages/trust/bounds.js'
import type { Scenario } from '../scenario/format.js'
import type { Site } from '../scenario/site.js'

export function isControlList(list: ListName): list is ControlListName {
  return controlListNames.some((name) => name === list)
}

/** Holds go by the signatures of two people here, as at a port: the first one asks, the second one confirms. */
export class HoldLifts {
  readonly #site: Site
  readonly #asked = new Set<string>()

  constructor(site: Site) {
    this.#site = site
  }

  /** For holds that stand when the scenario begins and go in it: then only the confirmation takes its time there. */
  async askBefore({ lines }: Pick<Scenario, 'lines'>, entries: readonly ListEntry[]): Promise<void> {
    for (const line of lines) {
      if (line.kind !== 'do' || line.deed.is !== 'remove' || !isControlList(line.deed.list)) continue
      const { list, remove: key } = line.deed
      if (entries.some((entry) => entry.kind === listKinds[list] && listKeyOf(entry) === key))
        await this.#ask(line.deed.list, key)
    }
  }

  async lift(list: ControlListName, key: string): Promise<void> {
    if (!this.#asked.has(`${list}/${key}`)) await this.#ask(list, key)
    await this.#site.confirmLift(list, key)
  }

  async #ask(list: ControlListName, key: string): Promise<void> {
    await this.#site.askLift(list, key)
    this.#asked.add(`${list}/${key}`)
  }
}
