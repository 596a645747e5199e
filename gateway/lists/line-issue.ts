export { issueProblem } from '../../edge/messages/text/issue-problem.js'
