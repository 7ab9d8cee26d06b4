import { DEFAULT_RULES } from "./default-rules.js";

const INTRODUCTION = `# Policy

<!-- Made by \`make docs\` from src/api/policy/default-rules.ts; edit that. -->

Who may do what. Each method has a rule, \`configdrive:\` and its name on the bus; the rule is asked before anything else, at both
doors alike. A caller who is refused gets \`FORBIDDEN\` ([errors.md](errors.md)), and the log says who was refused what.

\`[oslo_policy] policy_file\` names a file with rules over the defaults below, in the language of oslo.policy:

    "configdrive:delete_drive": "rule:context_is_admin"
    "configdrive:attach_drive": "rule:may_change and not role:auditor"

| in a rule | is true when |
|---|---|
| \`role:member\` | the caller has the role, in capitals or not |
| \`rule:may_read\` | that rule is true |
| \`user_id:…\`, \`project_id:…\`, \`is_admin:True\`, \`system_scope:all\` | the caller's context says so |
| \`roles:…\`, \`service_roles:…\` | the list has it as a member |
| \`'vm-7':%(instance_id)s\`, \`True:…\` | the literal is the same as the text after the colon |
| \`not\`, \`and\`, \`or\`, \`( )\` | as they say; \`not\` binds first, then \`and\` |
| \`@\` or an empty text, \`!\` | always, never |

\`%(project_id)s\` is the project whose drives the call is about; \`%(drive_id)s\`, \`%(instance_id)s\` and \`%(host)s\` are what the
request names. One that the request does not have matches nothing. \`http:\` checks are not made.

A file that cannot be read as such stops the start, with file and line; so do attributes and names after \`%\` that do not exist, rules
that name one that does not exist, and rules that name themselves. A rule that nothing asks for is warned of, with the nearest name.
The file is read at the start, and again on SIGHUP: one that cannot be used is told in the log, and the rules stay as they were.

## Who the caller is

- On the bus: what the request context says (\`user_id\`, \`project_id\`, \`roles\`, \`is_admin\`, \`system_scope\`, \`service_roles\`). Whoever
  may publish on the bus can say anything, as for every OpenStack service.
- On gRPC at \`[grpc] listen\` without a token: the operator, with every role, of the project that \`x-project-id\` names. That way in is open on its machine
  only; who may open the socket is a matter of the folder that it stands in.
- On gRPC with \`x-auth-token\`: the token's user, with its roles, in its project ([security.md](security.md)).
- On gRPC at \`[grpc] tls_listen\` without a token: whoever the caller's certificate is in the identities file.

A call is about the drives of the project that \`x-project-id\` names, or else of the caller's own. For a project that is not the
caller's own, the rule \`any_project\` is asked as well, whatever the method's rule says.
`;

/** docs/policy.md, whole. */
export function policyPage(): string {
  const rows = [...DEFAULT_RULES].map(([name, { rule, help }]) => `| \`${name}\` | \`${rule}\` | ${help} |`);
  return [INTRODUCTION, "## The defaults", "", "| rule | default | |", "|---|---|---|", ...rows, ""].join("\n");
}
