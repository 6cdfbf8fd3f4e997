/**
 * What a person is offered here. The server decides; this only spares people buttons that it would refuse.
 */
import type { Role } from "../../wire/connection";
import type { Execution, WorkspaceFace } from "./types";

export interface Offers {
  write: boolean;
  describe: boolean;
  requestImplementation: boolean;
  approve: boolean;
  verify: boolean;
  returnToBeta: boolean;
}

export function offersOf(role: Role | undefined, workspace: WorkspaceFace): Offers {
  const isOpen = !workspace.is_archived;
  const isMember = isOpen && (role === "member" || role === "admin");
  const isAdmin = isOpen && role === "admin";
  const { status } = workspace;
  return {
    write: isMember || (isOpen && role === "bot"),
    describe: isMember && status === "soon",
    requestImplementation: isMember && status === "soon",
    approve: isMember && status === "beta",
    verify: isAdmin && status === "in_review",
    returnToBeta: isAdmin && (status === "in_review" || status === "verified"),
  };
}

export interface ExecutionOffers {
  stop: boolean;
  retry: boolean;
  cancelDeploy: boolean;
}

export function executionOffersOf(role: Role | undefined, execution: Execution): ExecutionOffers {
  const isMember = role === "member" || role === "admin";
  const isDeploying = execution.deploy_status === "queued" || execution.deploy_status === "building";
  return {
    stop: isMember && execution.status === "running",
    retry: isMember && execution.status === "failed" && execution.retry_count < execution.max_retries,
    cancelDeploy: role === "admin" && isDeploying,
  };
}

export interface ManageOffers {
  details: boolean;
  version: boolean;
  remove: boolean;
  reopen: boolean;
}

/** A workspace belongs to the one who made it, and to admins. */
export function manageOffersOf(role: Role | undefined, workspace: WorkspaceFace, me: string): ManageOffers {
  const isOpen = !workspace.is_archived;
  const isAdmin = role === "admin";
  const isOwner = isAdmin || (role === "member" && workspace.created_by === me);
  return {
    details: isAdmin && isOpen,
    version: isAdmin && isOpen,
    remove: isOwner && isOpen,
    reopen: isOwner && !isOpen,
  };
}
