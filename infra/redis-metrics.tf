locals {
  # What Cloud Monitoring calls the figures of each store; it has none of an external one.
  cluster_metrics = { for resource, prefix in { "redis.googleapis.com/Cluster" = "redis.googleapis.com/cluster", "memorystore.googleapis.com/Instance" = "memorystore.googleapis.com/instance" } : prefix => {
    resource = resource
    memory   = "${prefix}/memory/maximum_utilization"
    clients  = "${prefix}/clients/total_connected_clients"
    commands = "${prefix}/commandstats/total_calls_count"
    evicted  = "${prefix}/stats/total_evicted_keys_count"
  } }

  redis_metrics = {
    instance = {
      resource = "redis_instance"
      label    = "node_id"
      memory   = "redis.googleapis.com/stats/memory/usage_ratio"
      clients  = "redis.googleapis.com/clients/connected"
      commands = "redis.googleapis.com/commands/calls"
      evicted  = "redis.googleapis.com/stats/evicted_keys"
    }
    cluster        = merge(local.cluster_metrics["redis.googleapis.com/cluster"], { label = "cluster_id" })
    valkey         = merge(local.cluster_metrics["memorystore.googleapis.com/instance"], { label = "instance_id" })
    valkey-cluster = merge(local.cluster_metrics["memorystore.googleapis.com/instance"], { label = "instance_id" })
    external       = null
  }[var.redis_kind]

  redis_filters = local.is_external ? {} : { for name in ["memory", "clients", "commands", "evicted"] : name => "resource.type = \"${local.redis_metrics.resource}\" AND metric.type = \"${local.redis_metrics[name]}\"" }
}
