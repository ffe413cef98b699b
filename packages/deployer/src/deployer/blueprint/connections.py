"""Glue connections of the environment file: which are made, and what is missing in the entries of the others."""

from deployer.environment_file.glue import Connection, GlueJobParameters

MADE_TYPES = ("JDBC", "NETWORK")


def complete(entry: Connection, glue: GlueJobParameters) -> Connection:
    """The entry completed with the job's `type`, `VpcId`, `SubnetIds`, ...; values of the entry win."""
    shared_type = glue.type if (glue.type or "").upper() in MADE_TYPES else None
    return entry.model_copy(
        update={
            "type": (entry.type or shared_type or "").upper() or None,
            "vpc_id": entry.vpc_id or glue.vpc_id,
            "subnet_ids": entry.subnet_ids or glue.subnet_ids,
            "security_group_ids": entry.security_group_ids or glue.security_group_ids,
            "availability_zone": entry.availability_zone or glue.availability_zone,
        }
    )


def lacking(entry: Connection) -> str | None:
    """What is missing in a completed entry; None when it is complete.

    CreateConnection (AWS Glue API reference): a JDBC connection needs an address and credentials, a connection into a
    VPC needs a subnet and security groups. The zone follows from the subnet.
    """
    if entry.type not in MADE_TYPES:
        return f"its type is {entry.type or 'not given'} (only {' and '.join(MADE_TYPES)} are made)"
    wanted: dict[str, object] = {"SubnetIds": entry.subnet_ids, "SecurityGroupIds": entry.security_group_ids}
    if entry.type == "JDBC":
        wanted |= {"JdbcUrl": entry.jdbc_url, "SecretId": entry.secret_id}
    absent = [name for name, value in wanted.items() if not value]
    return f"its entry has no {', '.join(absent)}" if absent else None


def resolved(glue: GlueJobParameters) -> tuple[Connection, ...]:
    """All entries, completed; of two with the same name the first."""
    by_name = {entry.name: complete(entry, glue) for entry in reversed(glue.connections)}
    return tuple(by_name[name] for name in sorted(by_name))
