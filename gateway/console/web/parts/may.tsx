import type { ComponentChildren } from 'preact'
import { useContext } from 'preact/hooks'
import { PersonContext } from '../person.js'
import { useWords } from '../words.js'

/** Whether the person may do something, by its name in `SessionState.rights`. Unknown yet: the gateway judges. */
export function useMay(): (right: string) => boolean {
  const { session } = useContext(PersonContext)
  return (right) => session?.rights[right]?.may ?? true
}

interface MayProps {
  readonly right: string
  readonly children: ComponentChildren
}

/** Everything inside can be looked at and not be used by somebody without the right. */
export function May({ right, children }: MayProps) {
  const may = useMay()
  return (
    <fieldset class="may" disabled={!may(right)}>
      {children}
    </fieldset>
  )
}

/** Says which role is missing, where one is. */
export function Denied({ right }: { readonly right: string }) {
  const { of } = useWords()
  const { session } = useContext(PersonContext)
  const state = session?.rights[right]
  if (!state || state.may || state.needs === null) return null
  const role = state.needs.charAt(0).toUpperCase() + state.needs.slice(1)
  return <span class="dim denied">{of('api', `needs${role}`)}</span>
}
