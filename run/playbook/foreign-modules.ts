import { correction } from '../errors.ts';

/*
 * Modules that playbooks in the wild name: of ansible-core 2.14 and of the collections that were part of Ansible 2.9. Whether
 * Lamplighter has one of them is not said here: this list only tells "Ansible has it" from "nobody has it".
 */
const MODULES: Record<string, string> = {
  'ansible.builtin': `
    add_host apt apt_key apt_repository assemble assert async_status async_wrapper blockinfile command copy cron
    debconf debug dnf dpkg_selections expect fail fetch file find gather_facts get_url getent git group group_by
    hostname import_playbook import_role import_tasks include_role include_tasks include_vars iptables known_hosts
    lineinfile meta package package_facts pause ping pip raw reboot replace rpm_key script service service_facts
    set_fact set_stats setup shell slurp stat subversion systemd systemd_service sysvinit tempfile template
    unarchive uri user validate_argument_spec wait_for wait_for_connection yum yum_repository
  `,
  'ansible.posix': `
    acl at authorized_key firewalld mount patch seboolean selinux synchronize sysctl
  `,
  'community.general': `
    aerospike_migrations airbrake_deployment aix_devices aix_filesystem aix_inittab aix_lvg aix_lvol ali_instance
    ali_instance_facts ali_instance_info alternatives apache2_mod_proxy apache2_module apk apt_repo apt_rpm archive
    atomic_container atomic_host atomic_image awall beadm bearychat bigpanda bitbucket_access_key
    bitbucket_pipeline_key_pair bitbucket_pipeline_known_host bitbucket_pipeline_variable bower bundler bzr campfire
    capabilities catapult circonus_annotation cisco_spark clc_aa_policy clc_alert_policy clc_blueprint_package
    clc_firewall_policy clc_group clc_loadbalancer clc_modify_server clc_publicip clc_server clc_server_snapshot
    cloud_init_data_facts cloudflare_dns cobbler_sync cobbler_system composer consul consul_acl consul_kv
    consul_session cpanm cronvar crypttab datadog_event datadog_monitor dconf deploy_helper dimensiondata_network
    dimensiondata_vlan django_manage dnsimple dnsmadeeasy docker_image_facts docker_service easy_install
    ejabberd_user elasticsearch_plugin emc_vnx_sg_member etcd3 facter filesystem flatpak flatpak_remote flowdock
    foreman gcdns_record gcdns_zone gce gconftool2 gcp_backend_service gcp_forwarding_rule gcp_healthcheck
    gcp_target_proxy gcp_url_map gcpubsub_facts gcspanner gem git_config github_deploy_key github_hooks github_issue
    github_key github_release github_webhook github_webhook_info gitlab_deploy_key gitlab_group gitlab_hook
    gitlab_project gitlab_project_variable gitlab_runner gitlab_user grove gunicorn haproxy helm heroku_collaborator
    hg hipchat homebrew homebrew_cask homebrew_tap honeybadger_deployment hpilo_boot hpilo_facts hpilo_info hponcfg
    htpasswd hwc_ecs_instance hwc_evs_disk hwc_network_vpc hwc_smn_topic hwc_vpc_eip hwc_vpc_peering_connect
    hwc_vpc_port hwc_vpc_private_ip hwc_vpc_route hwc_vpc_security_group hwc_vpc_security_group_rule hwc_vpc_subnet
    ibm_sa_domain ibm_sa_host ibm_sa_host_ports ibm_sa_pool ibm_sa_vol ibm_sa_vol_map icinga2_feature icinga2_host
    idrac_redfish_command idrac_redfish_config idrac_redfish_facts idrac_redfish_info imc_rest imgadm infinity
    influxdb_database influxdb_query influxdb_retention_policy influxdb_user influxdb_write ini_file installp
    interfaces_file ip_netns ipa_config ipa_dnsrecord ipa_dnszone ipa_group ipa_hbacrule ipa_host ipa_hostgroup
    ipa_role ipa_service ipa_subca ipa_sudocmd ipa_sudocmdgroup ipa_sudorule ipa_user ipa_vault ipify_facts
    ipinfoio_facts ipmi_boot ipmi_power ipwcli_dns irc iso_extract jabber java_cert java_keystore jboss jenkins_job
    jenkins_job_facts jenkins_job_info jenkins_plugin jenkins_script jira katello kernel_blacklist keycloak_client
    keycloak_clienttemplate keycloak_group kibana_plugin layman lbu ldap_attr ldap_attrs ldap_entry ldap_passwd
    librato_annotation linode linode_v4 listen_ports_facts lldp locale_gen logentries logentries_msg logicmonitor
    logicmonitor_facts logstash_plugin lvg lvol lxc_container lxca_cmms lxca_nodes lxd_container lxd_profile
    macports mail make manageiq_alert_profiles manageiq_alerts manageiq_group manageiq_policies manageiq_provider
    manageiq_tags manageiq_tenant manageiq_user mas matrix mattermost maven_artifact memset_dns_reload
    memset_memstore_facts memset_memstore_info memset_server_facts memset_server_info memset_zone memset_zone_domain
    memset_zone_record mksysb modprobe monit mqtt mssql_db na_cdot_aggregate na_cdot_license na_cdot_lun
    na_cdot_qtree na_cdot_svm na_cdot_user na_cdot_user_role na_cdot_volume na_ontap_gather_facts nagios netcup_dns
    newrelic_deployment nexmo nginx_status_facts nginx_status_info nictagadm nios_a_record nios_aaaa_record
    nios_cname_record nios_dns_view nios_fixed_address nios_host_record nios_member nios_mx_record nios_naptr_record
    nios_network nios_network_view nios_nsgroup nios_ptr_record nios_srv_record nios_txt_record nios_zone nmcli nosh
    npm nsupdate oci_vcn office_365_connector_card ohai omapi_host one_host one_image one_image_facts one_image_info
    one_service one_vm oneandone_firewall_policy oneandone_load_balancer oneandone_monitoring_policy
    oneandone_private_network oneandone_public_ip oneandone_server onepassword_facts onepassword_info
    oneview_datacenter_facts oneview_datacenter_info oneview_enclosure_facts oneview_enclosure_info
    oneview_ethernet_network oneview_ethernet_network_facts oneview_ethernet_network_info oneview_fc_network
    oneview_fc_network_facts oneview_fc_network_info oneview_fcoe_network oneview_fcoe_network_facts
    oneview_fcoe_network_info oneview_logical_interconnect_group oneview_logical_interconnect_group_facts
    oneview_logical_interconnect_group_info oneview_network_set oneview_network_set_facts oneview_network_set_info
    oneview_san_manager oneview_san_manager_facts oneview_san_manager_info online_server_facts online_server_info
    online_user_facts online_user_info open_iscsi openbsd_pkg opendj_backendprop openwrt_init opkg osx_defaults
    ovh_ip_failover ovh_ip_loadbalancing_backend ovh_monthly_billing ovirt ovirt_affinity_label_facts
    ovirt_api_facts ovirt_cluster_facts ovirt_datacenter_facts ovirt_disk_facts ovirt_event_facts
    ovirt_external_provider_facts ovirt_group_facts ovirt_host_facts ovirt_host_storage_facts ovirt_network_facts
    ovirt_nic_facts ovirt_permission_facts ovirt_quota_facts ovirt_scheduling_policy_facts ovirt_snapshot_facts
    ovirt_storage_domain_facts ovirt_storage_template_facts ovirt_storage_vm_facts ovirt_tag_facts
    ovirt_template_facts ovirt_user_facts ovirt_vm_facts ovirt_vmpool_facts pacemaker_cluster packet_device
    packet_ip_subnet packet_project packet_sshkey packet_volume packet_volume_attachment pacman pagerduty
    pagerduty_alert pam_limits pamd parted pear pids pingdom pip_package_info pipx pmem pkg5 pkg5_publisher pkgin pkgng
    pkgutil portage portinstall profitbricks profitbricks_datacenter profitbricks_nic profitbricks_volume
    profitbricks_volume_attachments proxmox proxmox_kvm proxmox_template pubnub_blocks pulp_repo puppet purefa_facts
    purefb_facts pushbullet pushover python_requirements_facts python_requirements_info rax rax_cbs
    rax_cbs_attachments rax_cdb rax_cdb_database rax_cdb_user rax_clb rax_clb_nodes rax_clb_ssl rax_dns
    rax_dns_record rax_facts rax_files rax_files_objects rax_identity rax_keypair rax_meta rax_mon_alarm
    rax_mon_check rax_mon_entity rax_mon_notification rax_mon_notification_plan rax_network rax_queue
    rax_scaling_group rax_scaling_policy read_csv redfish_command redfish_config redfish_facts redfish_info
    redhat_subscription redis redis_info rhevm rhn_channel rhn_register rhsm_release rhsm_repository riak rocketchat
    rollbar_deployment rundeck_acl_policy rundeck_project runit say scaleway_compute scaleway_image_facts
    scaleway_image_info scaleway_ip scaleway_ip_facts scaleway_ip_info scaleway_lb scaleway_organization_facts
    scaleway_organization_info scaleway_security_group scaleway_security_group_facts scaleway_security_group_info
    scaleway_security_group_rule scaleway_server_facts scaleway_server_info scaleway_snapshot_facts
    scaleway_snapshot_info scaleway_sshkey scaleway_user_data scaleway_volume scaleway_volume_facts
    scaleway_volume_info sefcontext selinux_permissive selogin sendgrid sensu_check sensu_client sensu_handler
    sensu_silence sensu_subscription seport serverless sf_account_manager sf_check_connections
    sf_snapshot_schedule_manager sf_volume_access_group_manager sf_volume_manager sl_vm slack slackpkg
    smartos_image_facts smartos_image_info snap snmp_facts solaris_zone sorcery spectrum_device
    spotinst_aws_elastigroup ss_3par_cpg stackdriver stacki_host statusio_maintenance supervisorctl svc svr4pkg
    swdepot swupd syslogger syspatch taiga_issue telegram terraform timezone twilio typetalk udm_dns_record
    udm_dns_zone udm_group udm_share udm_user ufw uptimerobot urpmi utm_aaa_group utm_aaa_group_info
    utm_ca_host_key_cert utm_ca_host_key_cert_info utm_dns_host utm_network_interface_address
    utm_network_interface_address_info utm_proxy_auth_profile utm_proxy_exception utm_proxy_frontend
    utm_proxy_frontend_info utm_proxy_location utm_proxy_location_info vdo vertica_configuration vertica_facts
    vertica_info vertica_role vertica_schema vertica_user vexata_eg vexata_volume vmadm wakeonlan webfaction_app
    webfaction_db webfaction_domain webfaction_mailbox webfaction_site xattr xbps xenserver_facts xenserver_guest
    xenserver_guest_facts xenserver_guest_info xenserver_guest_powerstate xfconf xfs_quota xml yarn zfs
    zfs_delegate_admin zfs_facts znode zpool_facts zypper zypper_repository
  `,
  'community.crypto': `
    acme_account acme_account_facts acme_account_info acme_certificate acme_certificate_revoke
    acme_challenge_cert_helper acme_inspect certificate_complete_chain ecs_certificate ecs_domain get_certificate
    luks_device openssh_cert openssh_keypair openssl_csr openssl_csr_info openssl_dhparam openssl_pkcs12
    openssl_privatekey openssl_privatekey_info openssl_publickey x509_certificate x509_certificate_info x509_crl
    x509_crl_info
  `,
  'community.docker': `
    docker_compose docker_config docker_container docker_container_info docker_host_info docker_image
    docker_image_info docker_login docker_network docker_network_info docker_node docker_plugin docker_node_info docker_prune
    docker_secret docker_stack docker_swarm docker_swarm_info docker_swarm_service docker_swarm_service_info
    docker_volume docker_volume_info
  `,
  'community.mysql': `
    mysql_db mysql_info mysql_query mysql_replication mysql_user mysql_variables
  `,
  'community.postgresql': `
    postgresql_copy postgresql_db postgresql_ext postgresql_idx postgresql_info postgresql_lang
    postgresql_membership postgresql_owner postgresql_pg_hba postgresql_ping postgresql_privs postgresql_publication
    postgresql_query postgresql_schema postgresql_sequence postgresql_set postgresql_slot postgresql_subscription
    postgresql_table postgresql_tablespace postgresql_user postgresql_user_obj_stat_info
  `,
  'community.mongodb': `
    mongodb_info mongodb_parameter mongodb_replicaset mongodb_shard mongodb_user
  `,
  'community.rabbitmq': `
    rabbitmq_binding rabbitmq_exchange rabbitmq_global_parameter rabbitmq_parameter rabbitmq_plugin rabbitmq_policy
    rabbitmq_publish rabbitmq_queue rabbitmq_user rabbitmq_vhost rabbitmq_vhost_limits
  `,
  'community.zabbix': `
    zabbix_action zabbix_group zabbix_group_facts zabbix_group_info zabbix_host zabbix_host_events_info
    zabbix_host_facts zabbix_host_info zabbix_hostmacro zabbix_maintenance zabbix_map zabbix_mediatype zabbix_proxy
    zabbix_screen zabbix_service zabbix_template zabbix_template_info zabbix_user zabbix_user_info zabbix_valuemap
  `,
  'amazon.aws': `
    aws_az_facts aws_az_info aws_caller_facts aws_caller_info aws_s3 cloudformation cloudformation_facts
    cloudformation_info ec2 ec2_ami ec2_ami_facts ec2_ami_info ec2_elb_lb ec2_eni ec2_eni_facts ec2_eni_info
    ec2_group ec2_group_facts ec2_group_info ec2_key ec2_metadata_facts ec2_snapshot ec2_snapshot_facts
    ec2_snapshot_info ec2_tag ec2_tag_info ec2_vol ec2_vol_facts ec2_vol_info ec2_vpc_dhcp_option
    ec2_vpc_dhcp_option_facts ec2_vpc_dhcp_option_info ec2_vpc_net ec2_vpc_net_facts ec2_vpc_net_info ec2_vpc_subnet
    ec2_vpc_subnet_facts ec2_vpc_subnet_info s3_bucket
  `,
  'community.aws': `
    aws_acm aws_acm_facts aws_acm_info aws_api_gateway aws_application_scaling_policy aws_batch_compute_environment
    aws_batch_job_definition aws_batch_job_queue aws_codebuild aws_codecommit aws_codepipeline
    aws_config_aggregation_authorization aws_config_aggregator aws_config_delivery_channel aws_config_recorder
    aws_config_rule aws_direct_connect_connection aws_direct_connect_gateway
    aws_direct_connect_link_aggregation_group aws_direct_connect_virtual_interface aws_eks_cluster
    aws_elasticbeanstalk_app aws_glue_connection aws_glue_job aws_inspector_target aws_kms aws_kms_facts
    aws_kms_info aws_region_facts aws_region_info aws_s3_bucket_facts aws_s3_bucket_info aws_s3_cors aws_secret
    aws_ses_identity aws_ses_identity_policy aws_ses_rule_set aws_sgw_facts aws_sgw_info aws_ssm_parameter_store
    aws_step_functions_state_machine aws_step_functions_state_machine_execution aws_waf_condition aws_waf_facts
    aws_waf_info aws_waf_rule aws_waf_web_acl cloudformation_exports_info cloudformation_stack_set
    cloudfront_distribution cloudfront_facts cloudfront_info cloudfront_invalidation
    cloudfront_origin_access_identity cloudtrail cloudwatchevent_rule cloudwatchlogs_log_group
    cloudwatchlogs_log_group_facts cloudwatchlogs_log_group_info cloudwatchlogs_log_group_metric_filter
    data_pipeline dms_endpoint dms_replication_subnet_group dynamodb_table dynamodb_ttl ec2_ami_copy ec2_asg
    ec2_asg_facts ec2_asg_info ec2_asg_lifecycle_hook ec2_customer_gateway ec2_customer_gateway_facts
    ec2_customer_gateway_info ec2_eip ec2_eip_facts ec2_eip_info ec2_elb ec2_elb_facts ec2_elb_info ec2_instance
    ec2_instance_facts ec2_instance_info ec2_launch_template ec2_lc ec2_lc_facts ec2_lc_find ec2_lc_info
    ec2_metric_alarm ec2_placement_group ec2_placement_group_facts ec2_placement_group_info ec2_scaling_policy
    ec2_snapshot_copy ec2_transit_gateway ec2_transit_gateway_info ec2_vpc_egress_igw ec2_vpc_endpoint
    ec2_vpc_endpoint_facts ec2_vpc_endpoint_info ec2_vpc_igw ec2_vpc_igw_facts ec2_vpc_igw_info ec2_vpc_nacl
    ec2_vpc_nacl_facts ec2_vpc_nacl_info ec2_vpc_nat_gateway ec2_vpc_nat_gateway_facts ec2_vpc_nat_gateway_info
    ec2_vpc_peer ec2_vpc_peering_facts ec2_vpc_peering_info ec2_vpc_route_table ec2_vpc_route_table_facts
    ec2_vpc_route_table_info ec2_vpc_vgw ec2_vpc_vgw_facts ec2_vpc_vgw_info ec2_vpc_vpn ec2_vpc_vpn_facts
    ec2_vpc_vpn_info ec2_win_password ecs_attribute ecs_cluster ecs_ecr ecs_service ecs_service_facts
    ecs_service_info ecs_tag ecs_task ecs_taskdefinition ecs_taskdefinition_facts ecs_taskdefinition_info efs
    efs_facts efs_info elasticache elasticache_facts elasticache_info elasticache_parameter_group
    elasticache_snapshot elasticache_subnet_group elb_application_lb elb_application_lb_facts
    elb_application_lb_info elb_classic_lb elb_classic_lb_facts elb_classic_lb_info elb_instance elb_network_lb
    elb_target elb_target_facts elb_target_group elb_target_group_facts elb_target_group_info elb_target_info
    execute_lambda iam iam_cert iam_cert_facts iam_group iam_managed_policy iam_mfa_device_facts iam_mfa_device_info
    iam_password_policy iam_policy iam_policy_info iam_role iam_role_facts iam_role_info iam_saml_federation
    iam_server_certificate_facts iam_server_certificate_info iam_user iam_user_info kinesis_stream lambda
    lambda_alias lambda_event lambda_facts lambda_info lambda_policy lightsail rds rds_instance rds_instance_facts
    rds_instance_info rds_param_group rds_snapshot rds_snapshot_facts rds_snapshot_info rds_subnet_group redshift
    redshift_cross_region_snapshots redshift_facts redshift_info redshift_subnet_group route53 route53_facts
    route53_health_check route53_info route53_zone s3_bucket_notification s3_lifecycle s3_logging s3_sync s3_website
    sns sns_topic sqs_queue sts_assume_role sts_session_token
  `,
  'kubernetes.core': `
    k8s k8s_auth k8s_facts k8s_info k8s_raw k8s_scale k8s_service openshift_raw openshift_scale
  `,
  'containers.podman': `
    podman_container_info podman_image podman_image_info podman_volume_info
  `,
  'ansible.windows': `
    async_status setup slurp win_acl win_acl_inheritance win_certificate_store win_command win_copy win_dns_client
    win_domain win_domain_controller win_domain_membership win_dsc win_environment win_feature win_file win_find
    win_get_url win_group win_group_membership win_hostname win_optional_feature win_owner win_package win_path
    win_ping win_reboot win_reg_stat win_regedit win_service win_share win_shell win_stat win_tempfile win_template
    win_updates win_uri win_user win_user_right win_wait_for win_whoami
  `,
  'community.windows': `
    psexec win_audit_policy_system win_audit_rule win_credential win_defrag win_disk_facts win_disk_image
    win_dns_record win_domain_computer win_domain_group win_domain_group_membership win_domain_user win_dotnet_ngen
    win_eventlog win_eventlog_entry win_file_version win_firewall win_firewall_rule win_format win_hosts win_hotfix
    win_http_proxy win_iis_virtualdirectory win_iis_webapplication win_iis_webapppool win_iis_webbinding
    win_iis_website win_inet_proxy win_initialize_disk win_lineinfile win_mapped_drive win_msg win_netbios win_nssm
    win_pagefile win_partition win_pester win_power_plan win_product_facts win_psexec win_psmodule win_psrepository
    win_rabbitmq_plugin win_rds_cap win_rds_rap win_rds_settings win_region win_regmerge win_robocopy win_route
    win_say win_scheduled_task win_scheduled_task_stat win_security_policy win_shortcut win_snmp win_timezone
    win_toast win_unzip win_user_profile win_wait_for_process win_wakeonlan win_webpicmd win_xml
  `,
  'hetzner.hcloud': `
    hcloud_datacenter_facts hcloud_datacenter_info hcloud_floating_ip hcloud_floating_ip_facts
    hcloud_floating_ip_info hcloud_image_facts hcloud_image_info hcloud_location_facts hcloud_location_info
    hcloud_network hcloud_network_info hcloud_rdns hcloud_route hcloud_server hcloud_server_facts hcloud_server_info
    hcloud_server_network hcloud_server_type_facts hcloud_server_type_info hcloud_ssh_key hcloud_ssh_key_facts
    hcloud_ssh_key_info hcloud_subnetwork hcloud_volume hcloud_volume_facts hcloud_volume_info
  `,
  'ansible.netcommon': `
    cli_command cli_config net_banner net_get net_interface net_l2_interface net_l3_interface net_linkagg net_lldp
    net_lldp_interface net_logging net_ping net_put net_static_route net_system net_user net_vlan net_vrf
    netconf_config netconf_get netconf_rpc restconf_config restconf_get telnet
  `,
  'community.proxysql': `
    proxysql_backend_servers proxysql_global_variables proxysql_manage_config proxysql_mysql_users
    proxysql_query_rules proxysql_replication_hostgroups proxysql_scheduler
  `,
  'community.grafana': `
    grafana_dashboard grafana_datasource grafana_plugin
  `,
  'community.libvirt': `
    virt virt_net virt_pool
  `,
  'openstack.cloud': `
    auth baremetal_inspect baremetal_node baremetal_node_action catalog_service coe_cluster coe_cluster_template
    compute_flavor compute_flavor_info config dns_zone endpoint floating_ip group_assignment host_aggregate
    identity_domain identity_domain_info identity_group identity_group_info identity_role identity_user
    identity_user_info image image_info keypair lb_listener lb_member lb_pool loadbalancer network networks_info
    object os_flavor_info os_image_info os_keystone_domain_info os_networks_info os_port_info os_project_info
    os_server_info os_subnets_info os_user_info port port_info project project_access project_info quota recordset
    role_assignment router security_group security_group_rule server server_action server_group server_info
    server_metadata server_volume stack subnet subnets_info volume volume_snapshot
  `,
  'community.digitalocean': `
    digital_ocean digital_ocean_account_facts digital_ocean_account_info digital_ocean_block_storage
    digital_ocean_certificate digital_ocean_certificate_facts digital_ocean_certificate_info digital_ocean_domain
    digital_ocean_domain_facts digital_ocean_domain_info digital_ocean_droplet digital_ocean_firewall_facts
    digital_ocean_firewall_info digital_ocean_floating_ip digital_ocean_floating_ip_facts
    digital_ocean_floating_ip_info digital_ocean_image_facts digital_ocean_image_info
    digital_ocean_load_balancer_facts digital_ocean_load_balancer_info digital_ocean_region_facts
    digital_ocean_region_info digital_ocean_size_facts digital_ocean_size_info digital_ocean_snapshot_facts
    digital_ocean_snapshot_info digital_ocean_sshkey digital_ocean_sshkey_facts digital_ocean_sshkey_info
    digital_ocean_tag digital_ocean_tag_facts digital_ocean_tag_info digital_ocean_volume_facts
    digital_ocean_volume_info
  `,
};

/** Further collections: of the package `ansible` 7, and what people add to it. */
const COLLECTIONS = new Set(
  `ansible.utils arista.eos awx.awx azure.azcollection check_point.mgmt chocolatey.chocolatey cisco.aci cisco.asa cisco.dnac
  cisco.intersight cisco.ios cisco.iosxr cisco.ise cisco.meraki cisco.mso cisco.nso cisco.nxos cisco.ucs cloud.common
  cloudflare.cloudflare cloudscale_ch.cloud community.azure community.ciscosmb community.dns community.fortios
  community.google community.hashi_vault community.hrobot community.kubevirt community.network community.okd community.routeros community.sap
  community.sap_libs community.skydive community.sops community.vmware cyberark.conjur cyberark.pas
  dellemc.enterprise_sonic dellemc.openmanage dellemc.os10 dellemc.os6 dellemc.os9 dellemc.powerflex dellemc.unity
  f5networks.f5_modules fortinet.fortimanager fortinet.fortios frr.frr gluster.gluster google.cloud grafana.grafana
  hpe.nimble ibm.qradar ibm.spectrum_virtualize infinidat.infinibox infoblox.nios_modules inspur.ispim inspur.sm
  junipernetworks.junos lowlydba.sqlserver mellanox.onyx microsoft.ad netapp.aws netapp.azure netapp.cloudmanager
  netapp.elementsw netapp.ontap netapp.storagegrid netapp_eseries.santricity netbox.netbox ngine_io.cloudstack
  ngine_io.exoscale ngine_io.vultr openvswitch.openvswitch ovirt.ovirt purestorage.flasharray purestorage.flashblade
  purestorage.fusion sensu.sensu_go splunk.es t_systems_mms.icinga_director telekom_mms.icinga_director
  theforeman.foreman vmware.vmware_rest vultr.cloud vyos.vyos wti.remote`.split(/\s+/),
);

const SHORT_NAMES = new Set(Object.values(MODULES).flatMap((names) => names.trim().split(/\s+/)));

/** Whether Ansible, or a collection many people use, has a module of this short or full name. */
export function isForeign(name: string): boolean {
  const parts = name.split('.');
  if (parts.length < 3) return SHORT_NAMES.has(name);
  const collection = `${parts[0]}.${parts[1]}`.replace(/^ansible\.legacy$/, 'ansible.builtin');
  if (COLLECTIONS.has(collection)) return true;
  const names = (MODULES[collection] ?? '').trim().split(/\s+/);
  const module = parts.slice(2).join('.');
  if (names.includes(module) || collection === 'ansible.builtin') return names.includes(module);
  // Collections gain modules all the time: what is no slip of the pen is one of them.
  return collection in MODULES && correction(module, names) === undefined;
}
