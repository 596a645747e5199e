/** The pages of the console; the first one is shown where the address names none. */
export const views = ['lanes', 'orders', 'imports', 'lists'] as const
export type View = (typeof views)[number]

/** `#/orders` names a page; any other fragment is a place on the first, as the links to waiting lanes are. */
export function viewOf(hash: string): View {
  return views.find((view) => hash === addressOf(view)) ?? 'lanes'
}

export function addressOf(view: View): string {
  return `#/${view}`
}
