import type * as messages from "#gen/configdrive/agent/v1/agent.js";

interface Exchange<Request, Response> {
  readonly request: Request;
  readonly response: Response;
}

/** The methods of AgentService, by their names in proto/configdrive/agent/v1, with what each takes and gives. */
export interface AgentMethods {
  DescribeHost: Exchange<messages.DescribeHostRequest, messages.DescribeHostResponse>;
  AskForReport: Exchange<messages.AskForReportRequest, messages.AskForReportResponse>;
  FindInstance: Exchange<messages.FindInstanceRequest, messages.FindInstanceResponse>;
  LocateImage: Exchange<messages.LocateImageRequest, messages.LocateImageResponse>;
  PlaceImage: Exchange<messages.PlaceImageRequest, messages.PlaceImageResponse>;
  RemoveImage: Exchange<messages.RemoveImageRequest, messages.RemoveImageResponse>;
  RemoveDriveImages: Exchange<messages.RemoveDriveImagesRequest, messages.RemoveDriveImagesResponse>;
  ListImages: Exchange<messages.ListImagesRequest, messages.ListImagesResponse>;
  DiscardImage: Exchange<messages.DiscardImageRequest, messages.DiscardImageResponse>;
  ChooseDevice: Exchange<messages.ChooseDeviceRequest, messages.ChooseDeviceResponse>;
  AttachDevice: Exchange<messages.AttachDeviceRequest, messages.AttachDeviceResponse>;
  RefreshDevice: Exchange<messages.RefreshDeviceRequest, messages.RefreshDeviceResponse>;
  DetachDevice: Exchange<messages.DetachDeviceRequest, messages.DetachDeviceResponse>;
  ObserveInstance: Exchange<messages.ObserveInstanceRequest, messages.ObserveInstanceResponse>;
  RenderInstance: Exchange<messages.RenderInstanceRequest, messages.RenderInstanceResponse>;
  PlanInstance: Exchange<messages.PlanInstanceRequest, messages.PlanInstanceResponse>;
  LaunchInstance: Exchange<messages.LaunchInstanceRequest, messages.LaunchInstanceResponse>;
  StopInstance: Exchange<messages.StopInstanceRequest, messages.StopInstanceResponse>;
  DestroyInstance: Exchange<messages.DestroyInstanceRequest, messages.DestroyInstanceResponse>;
  ProbeInstance: Exchange<messages.ProbeInstanceRequest, messages.ProbeInstanceResponse>;
}

export type AgentMethod = keyof AgentMethods;

/** The methods of HostReportService. */
export interface HostReportMethods {
  ReportHost: Exchange<messages.ReportHostRequest, messages.ReportHostResponse>;
}
