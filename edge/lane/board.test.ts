import t from 'tap'
import { boardText } from './board.js'

const bay = { id: 'b2', name: { 'zh-CN': '2 号查验台', en: 'bay 2' } }

t.test('the board names the bay in its own language', (t) => {
  t.equal(boardText('prompt.inspection', bay, 'zh-CN'), '请到查验区，前往2 号查验台')
  t.equal(boardText('prompt.inspection', bay, 'en'), 'Go to the inspection area: bay 2')
  t.equal(boardText('prompt.inspection', undefined, 'en'), 'Go to the inspection area')
  t.end()
})
