import t from 'tap'
import { catalogue } from '../../edge/messages/text/catalogue.js'
import { Refusal, statusOf, type RefusalCode } from './refusal.js'

t.test('every refusal is said in words, and is no success', (t) => {
  for (const [code, status] of Object.entries(statusOf)) {
    t.ok(Object.hasOwn(catalogue, `api.${code}`), `api.${code}`)
    t.ok(status >= 400, `${code} is ${status}`)
    t.equal(new Refusal(code as RefusalCode, 'x').status, status)
  }
  t.end()
})
