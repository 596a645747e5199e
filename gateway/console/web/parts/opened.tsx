import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'

/** Which one of a list is open, if any; the second call opens one, or closes it where it is open. */
export function useOpened(): readonly [string | null, (id: string) => void] {
  const [opened, open] = useState<string | null>(null)
  return [opened, (id) => open((before) => (before === id ? null : id))]
}

interface OpenerProps {
  /** Read out, and found by whoever looks for it. */
  readonly label: string
  readonly isOpen: boolean
  readonly toggle: () => void
  readonly children: ComponentChildren
}

/** A name that opens what is behind it. */
export function Opener({ label, isOpen, toggle, children }: OpenerProps) {
  return (
    <button type="button" class="link" aria-expanded={isOpen} aria-label={label} onClick={toggle}>
      {children}
    </button>
  )
}

/** The head of a table. */
export function Columns({ names }: { readonly names: readonly string[] }) {
  return (
    <thead>
      <tr>
        {names.map((name) => (
          <th key={name} scope="col">
            {name}
          </th>
        ))}
      </tr>
    </thead>
  )
}
