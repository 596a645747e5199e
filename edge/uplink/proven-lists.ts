import type { ListStore } from '../interfaces/list-store.js'

/**
 * The lists as lanes may rest on them: while nobody answers for them none is in force, so that no release comes of
 * them (row 69), and their orders and bans hold all the same, because a hold needs no proof to hold.
 */
export function provenLists(lists: ListStore, isProven: () => boolean): ListStore {
  return {
    inForce: () => (isProven() ? lists.inForce() : []),
    ordersOn: (keys) => lists.ordersOn(keys),
    blacklistOn: (keys) => lists.blacklistOn(keys),
    factsOfTag: (epc) => lists.factsOfTag(epc),
    factsOfPlate: (plate) => lists.factsOfPlate(plate),
    find: (list, by, values) => lists.find(list, by, values),
    applyDelta: (delta, judge) => lists.applyDelta(delta, judge),
    applyFull: (head, entries, afterKey, judge) => lists.applyFull(head, entries, afterKey, judge),
    staged: (list) => lists.staged(list),
    confirm: (head, atMs) => lists.confirm(head, atMs),
    onSwitched: (listener) => lists.onSwitched(listener),
  }
}
