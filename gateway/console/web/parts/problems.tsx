import type { FieldLabels } from '../field-labels.js'
import type { Problem } from '../send.js'
import { useWords } from '../words.js'

interface ProblemsProps {
  readonly problems: readonly Problem[]
  readonly labels: FieldLabels
}

/** What was wrong with what a person sent: the field under its label in the form, what is wrong, and what to do. */
export function Problems({ problems, labels }: ProblemsProps) {
  const { t, told } = useWords()
  return (
    <>
      {problems.map(({ path, code, values, message }, index) => {
        const label = Object.hasOwn(labels, path) ? labels[path] : undefined
        return (
          <p key={index} class="problem" data-problem={path}>
            {label !== undefined ? <strong>{t(label)}</strong> : path !== '' && <code>{path}</code>}{' '}
            {told('lineProblem', code, values, message)}
          </p>
        )
      })}
    </>
  )
}
