/** A rule as it stands when no policy file says otherwise. */
export interface DefaultRule {
  readonly rule: string;
  /** For the page: who passes, or what is done. */
  readonly help: string;
}

/** Rules that others name. The personas are those of OpenStack's secure role-based access control. */
const BASE_RULES: Readonly<Record<string, DefaultRule>> = {
  context_is_admin: { rule: "role:admin or is_admin:True", help: "An administrator." },
  context_is_service: {
    rule: "role:service",
    help: "Another OpenStack service, acting for itself, such as nova-compute.",
  },
  project_reader: {
    rule: "role:reader and project_id:%(project_id)s",
    help: "Somebody who may look at the project's drives.",
  },
  project_member: {
    rule: "role:member and project_id:%(project_id)s",
    help: "Somebody who may change the project's drives.",
  },
  any_project: {
    rule: "rule:context_is_admin or rule:context_is_service",
    help: "Whoever may act for a project that is not their own. Asked besides the method's rule.",
  },
  rate_unlimited: {
    rule: "rule:context_is_admin or rule:context_is_service",
    help: "Whoever is not held to the rates of `[limits]`.",
  },
  may_read: {
    rule: "rule:context_is_admin or rule:context_is_service or rule:project_reader",
    help: "Whoever may look.",
  },
  may_change: {
    rule: "rule:context_is_admin or rule:context_is_service or rule:project_member",
    help: "Whoever may change.",
  },
};

const reads = (help: string): DefaultRule => ({ rule: "rule:may_read", help });
const changes = (help: string): DefaultRule => ({ rule: "rule:may_change", help });

/** One rule a method, by the method's name on the bus. */
const METHOD_RULES: Readonly<Record<string, DefaultRule>> = {
  "configdrive:populate_volume": changes("Makes a drive, or new content in one."),
  "configdrive:attach_drive": changes("Shows a drive to an instance."),
  "configdrive:refresh_drive": changes("Shows the pending generation."),
  "configdrive:detach_drive": changes("Takes a drive from an instance."),
  "configdrive:update_drive": changes("Changes what a drive is to be."),
  "configdrive:build_instance_drive": changes("Builds the drive that an instance is born with."),
  "configdrive:record_instance_drive": changes("Tells that a compute manager shows an instance's drive itself."),
  "configdrive:stage_instance_drive": changes("Brings an image of an instance's drive to a host."),
  "configdrive:connect_drive": changes("Gives an instance a drive that its compute manager shows itself."),
  "configdrive:disconnect_drive": changes("Tells that a compute manager no longer shows a drive."),
  "configdrive:release_instance": changes("Tells that an instance is deleted."),
  "configdrive:declare_host": {
    rule: "rule:context_is_admin",
    help: "Declares that a host never comes back, or takes that back.",
  },
  "configdrive:get_drive": reads("Gives one drive."),
  "configdrive:list_drives": reads("Gives the project's drives."),
  "configdrive:delete_drive": changes("Removes a drive."),
  "configdrive:inspect_drive": reads("Tells what an image holds, by size and digest."),
  "configdrive:diff_drive": reads("Tells what a refresh would change, by size and digest."),
  "configdrive:get_capabilities": { rule: "@", help: "Tells what the service takes and can do." },
  "configdrive:upload_content": changes("Takes content for a later drive."),
  "configdrive:download_image": changes("Gives an image's bytes, and so the secrets in it: not for readers."),
  "configdrive:run_instances": {
    rule: "rule:context_is_admin or rule:context_is_service",
    help: "Runs instances. A template can name any file of the host and have the hypervisor open it: not for everybody.",
  },
  "configdrive:terminate_instances": changes("Ends instances for good."),
  "configdrive:stop_instance": changes("Shuts an instance down."),
  "configdrive:start_instance": changes("Starts an instance that was stopped."),
  "configdrive:get_instance": reads("Gives one instance."),
  "configdrive:list_instances": reads("Gives the project's instances."),
  "configdrive:watch_drives": reads("Tells of every change to the project's drives."),
};

/** Every rule with its default. docs/policy.md is made from it. */
export const DEFAULT_RULES: ReadonlyMap<string, DefaultRule> = new Map(
  Object.entries({ ...BASE_RULES, ...METHOD_RULES }),
);
