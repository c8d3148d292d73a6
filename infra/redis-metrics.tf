locals {
  # Cloud Monitoring's names for each kind of store. It has no metrics for an external one.
  monitored = var.redis_kind == "cluster" ? {
    type = "redis.googleapis.com/Cluster", prefix = "redis.googleapis.com/cluster", label = "cluster_id"
    } : {
    type = "memorystore.googleapis.com/Instance", prefix = "memorystore.googleapis.com/instance", label = "instance_id"
  }

  redis_metrics = var.redis_kind == "instance" ? {
    resource = "redis_instance"
    label    = "node_id"
    memory   = "redis.googleapis.com/stats/memory/usage_ratio"
    clients  = "redis.googleapis.com/clients/connected"
    commands = "redis.googleapis.com/commands/calls"
    evicted  = "redis.googleapis.com/stats/evicted_keys"
    } : {
    resource = local.monitored.type
    label    = local.monitored.label
    memory   = "${local.monitored.prefix}/memory/maximum_utilization"
    clients  = "${local.monitored.prefix}/clients/total_connected_clients"
    commands = "${local.monitored.prefix}/commandstats/total_calls_count"
    evicted  = "${local.monitored.prefix}/stats/total_evicted_keys_count"
  }

  redis_filters = local.is_external ? {} : { for name in ["memory", "clients", "commands", "evicted"] : name => "resource.type = \"${local.redis_metrics.resource}\" AND metric.type = \"${local.redis_metrics[name]}\"" }
}
