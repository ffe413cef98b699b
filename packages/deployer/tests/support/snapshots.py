"""Everything an environment has in AWS, read with boto3 and without the deployer, as text to compare."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from support.environments import BUCKETS

Client = Callable[[str], Any]
# What differs between two equal environments: when and by whom something was made, and AWS's own marks.
_OF_THE_MOMENT = frozenset(
    {
        "ResponseMetadata", "RevisionId", "LastModified", "LastUpdateStatus", "CreateDate", "RoleLastUsed", "RoleId",
        "creationTime", "CreatedOn", "LastModifiedOn", "creationDate", "CreationDate", "LastModificationDate",
        "revisionId", "updateDate", "CreatedTimestamp", "LastModifiedTimestamp", "CreateTime", "UpdateTime",
        "CreationTime", "LastUpdatedTime", "LogGroupArn", "storedBytes", "created", "at", "by", "build_url",
        "ApproximateNumberOfMessages", "ApproximateNumberOfMessagesDelayed", "ApproximateNumberOfMessagesNotVisible",
        "ProfileName",
    }
)  # fmt: skip
DIGEST = re.compile(r"\b[0-9a-f]{12,64}\b")


@dataclass(frozen=True)
class SnapshotReader:
    """Looks at one environment; `prefix` is that of its artifacts."""

    client: Client
    deploy_env: str
    prefix: str

    def __call__(self) -> list[str]:
        """Lines with the environment's name and all digests replaced: a digest by the order of its appearance."""
        seen = {
            "functions": list(self._functions()),
            "roles": list(self._roles()),
            "machine": list(self._machines()),
            "glue": list(self._glue()),
            "logs": list(self._log_groups()),
            "schedules": list(self._schedules()),
            "queues": list(self._queues()),
            "objects": list(self._objects()),
        }
        text = json.dumps(_lasting(seen), indent=1, sort_keys=True, default=str)
        for name in (self.deploy_env, self.deploy_env.lower()):
            text = text.replace(name, "ENV")
        return _numbered(text).splitlines()

    def _functions(self) -> Iterator[Any]:
        client = self.client("lambda")
        for item in self._mine(client.get_paginator("list_functions"), "Functions", "FunctionName"):
            name = item["FunctionName"]
            yield {
                "now": item,
                "tags": client.list_tags(Resource=item["FunctionArn"])["Tags"],
                "versions": client.list_versions_by_function(FunctionName=name)["Versions"],
                "aliases": client.list_aliases(FunctionName=name)["Aliases"],
            }

    def _roles(self) -> Iterator[Any]:
        client = self.client("iam")
        for item in self._mine(client.get_paginator("list_roles"), "Roles", "RoleName"):
            name = item["RoleName"]
            yield {
                "role": item,
                "tags": client.list_role_tags(RoleName=name)["Tags"],
                "attached": client.list_attached_role_policies(RoleName=name)["AttachedPolicies"],
                "policies": {
                    policy: client.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
                    for policy in client.list_role_policies(RoleName=name)["PolicyNames"]
                },
            }

    def _machines(self) -> Iterator[Any]:
        client = self.client("stepfunctions")
        for item in self._mine(client.get_paginator("list_state_machines"), "stateMachines", "name"):
            arn = item["stateMachineArn"]
            versions = client.list_state_machine_versions(stateMachineArn=arn)["stateMachineVersions"]
            aliases = client.list_state_machine_aliases(stateMachineArn=arn)["stateMachineAliases"]
            yield {
                "now": client.describe_state_machine(stateMachineArn=arn),
                "tags": client.list_tags_for_resource(resourceArn=arn)["tags"],
                "versions": [
                    client.describe_state_machine(stateMachineArn=version["stateMachineVersionArn"])
                    for version in versions
                ],
                "aliases": [
                    client.describe_state_machine_alias(stateMachineAliasArn=alias["stateMachineAliasArn"])
                    for alias in aliases
                ],
            }

    def _glue(self) -> Iterator[Any]:
        client = self.client("glue")
        yield list(self._mine(client.get_paginator("get_jobs"), "Jobs", "Name"))
        for found in (client.get_databases()["DatabaseList"], client.get_connections()["ConnectionList"]):
            yield sorted(
                filter(lambda item: self._is_mine(item["Name"]), found), key=lambda item: item["Name"]
            )

    def _log_groups(self) -> Iterator[Any]:
        client = self.client("logs")
        for item in self._mine(client.get_paginator("describe_log_groups"), "logGroups", "logGroupName"):
            yield {
                "group": item,
                "tags": client.list_tags_for_resource(resourceArn=item["logGroupArn"])["tags"],
            }

    def _schedules(self) -> Iterator[Any]:
        client = self.client("scheduler")
        for item in self._mine(client.get_paginator("list_schedules"), "Schedules", "Name"):
            yield client.get_schedule(Name=item["Name"], GroupName=item["GroupName"])

    def _queues(self) -> Iterator[Any]:
        client = self.client("sqs")
        for url in sorted(client.list_queues(QueueNamePrefix=f"FSA-{self.deploy_env}-").get("QueueUrls", [])):
            found = client.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
            yield {
                "url": url,
                **found["Attributes"],
                "tags": client.list_queue_tags(QueueUrl=url).get("Tags"),
            }

    def _objects(self) -> Iterator[Any]:
        """Manifests by their content, other objects by size; the journal describes the way, not the result."""
        client, others, manifests = self.client("s3"), [], []
        for item in client.list_objects_v2(Bucket=BUCKETS[3], Prefix=self.prefix).get("Contents", []):
            key = item["Key"]
            if key.startswith(f"{self.prefix}deployments/{self.deploy_env}/releases/"):
                body = client.get_object(Bucket=BUCKETS[3], Key=key)["Body"].read()
                manifests.append({"key": key, "body": _manifest(body)})
            elif not key.endswith("journal.jsonl"):
                others.append(f"{DIGEST.sub('<digest>', key)} {item['Size']}")
        yield sorted(manifests, key=lambda item: DIGEST.sub("", json.dumps(item, sort_keys=True)))
        yield sorted(others)

    def _mine(self, paginator: Any, listed: str, name: str) -> Iterator[Any]:
        found = [item for page in paginator.paginate() for item in page[listed] if self._is_mine(item[name])]
        yield from sorted(found, key=lambda item: str(item[name]))

    def _is_mine(self, name: str) -> bool:
        return re.search(rf"(?i)\bfsa-{self.deploy_env}-", name) is not None


def _manifest(body: bytes) -> Any:
    """How often a release went live is part of the way, not of the result."""
    found = json.loads(body)
    found["activations"] = sorted({item["how"] for item in found["activations"]})
    return found


def _lasting(value: Any) -> Any:
    if isinstance(value, dict) and value and all(DIGEST.fullmatch(key) for key in value):
        return sorted(([item, key] for key, item in value.items()), key=lambda pair: str(pair[0]))
    if isinstance(value, dict):
        return {key: _lasting(item) for key, item in value.items() if key not in _OF_THE_MOMENT}
    return [_lasting(item) for item in value] if isinstance(value, list) else value


def _numbered(text: str) -> str:
    known: dict[str, str] = {}
    return DIGEST.sub(lambda found: known.setdefault(found[0], f"<{len(known)}>"), text)
