import type { HoldState } from '../../../api/lift-schemas.js'
import { dayText } from '../backoffice.js'
import { useWords } from '../words.js'

type Hold = HoldState['entry']

/** Whom an order or a ban holds. */
export function SubjectCell({ subject }: Pick<Hold, 'subject'>) {
  const { said } = useWords()
  return (
    <td>
      <strong>{subject.key}</strong>
      <div class="dim">{said('subject', subject.kind)}</div>
    </td>
  )
}

/** From when to when an order or a ban holds. */
export function ValidityCell({ validFrom, validTo }: Pick<Hold, 'validFrom' | 'validTo'>) {
  const { t, language } = useWords()
  return (
    <td class="figures">
      {validFrom > 0 && <div>{dayText(validFrom, language)} –</div>}
      {validTo === undefined ? t('order.validUntilLifted') : dayText(validTo, language)}
    </td>
  )
}

/** What an order asks for, how secretly, and its level. */
export function ActionCell({ order }: { readonly order: Extract<Hold, { kind: 'order' }> }) {
  const { t, said } = useWords()
  return (
    <td>
      {said('action', order.action)}
      <div class={order.nature === 'SECRET' ? 'secret' : 'dim'}>
        {said('nature', order.nature)} · {t('order.levelOf', { level: order.level })}
      </div>
    </td>
  )
}
